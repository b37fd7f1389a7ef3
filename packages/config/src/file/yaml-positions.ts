import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml'
import { isMergeKey } from './merge-key.ts'

/** In which line of a YAML file something stands, through aliases and merge keys. */
export class YamlPositions {
  readonly #document: Document
  readonly #lines: LineCounter

  constructor(document: Document, lines: LineCounter) {
    this.#document = document
    this.#lines = lines
  }

  /** Of the last part of a path that is there. A field stands where its name stands. */
  lineOf(path: readonly PropertyKey[]): number {
    let offset = this.#document.contents?.range?.[0] ?? 0
    let node: unknown = this.#document.contents
    for (const part of path) {
      const here = this.#resolved(node)
      const pair = isMap(here) ? this.#pairOf(here, String(part)) : undefined
      const next = isSeq(here) ? here.items[Number(part)] : pair?.value
      const named = pair ? pair.key : next
      if (!isPlaced(named)) break
      offset = named.range[0]
      node = next
    }
    return this.lineAt(offset)
  }

  lineAt(offset: number): number {
    return this.#lines.linePos(offset).line
  }

  /** The field itself, else one that a merge key brings in. */
  #pairOf(map: YAMLMap, name: string): Pair | undefined {
    return map.items.find((pair) => isScalar(pair.key) && pair.key.value === name) ?? this.#mergedPairOf(map, name)
  }

  #mergedPairOf(map: YAMLMap, name: string): Pair | undefined {
    for (const pair of map.items) {
      if (!isMergeKey(pair)) continue
      const source = this.#resolved(pair.value)
      for (const candidate of isSeq(source) ? source.items : [source]) {
        const merged = this.#resolved(candidate)
        const found = isMap(merged) && merged !== map ? this.#pairOf(merged, name) : undefined
        if (found) return found
      }
    }
    return undefined
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node
  }
}

const isPlaced = (node: unknown): node is Node & { range: [number, number, number] } =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
