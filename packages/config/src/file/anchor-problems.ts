import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isSeq,
  type Node,
  type Pair,
} from 'yaml'
import { isMergeKey } from './merge-key.ts'
import type { FileProblem } from './config-file-invalid.ts'
import type { YamlPositions } from './yaml-positions.ts'

/** Values that the aliases of a file may stand for, all together. A route has about ten. */
const mostRepeated = 10_000

/** What is wrong with anchors, aliases and merge keys, each with its line. */
export function anchorProblems(document: Document, positions: YamlPositions): FileProblem[] {
  const walk = new AnchorWalk(positions)
  walk.sizeOf(document.contents)
  return walk.problems
}

/** Goes once through a document in its order, in which an alias stands for the last anchor of its name. */
class AnchorWalk {
  readonly problems: FileProblem[] = []
  readonly #positions: YamlPositions
  readonly #anchored = new Map<string, Node>()
  /** Of those that were gone through to their end. */
  readonly #sizes = new Map<Node, number>()
  #repeated = 0

  constructor(positions: YamlPositions) {
    this.#positions = positions
  }

  /** How many values there are once each alias is what it stands for. */
  sizeOf(node: unknown): number {
    if (isAlias(node)) return this.#sizeOfAlias(node)
    if (isPair(node)) {
      const size = this.sizeOf(node.key) + this.sizeOf(node.value)
      this.#checkMerge(node)
      return size
    }
    if (!isNode(node)) return 0
    if ('anchor' in node && node.anchor) this.#anchored.set(node.anchor, node)
    let size = 1
    if (isCollection(node)) for (const item of node.items) size += this.sizeOf(item)
    this.#sizes.set(node, size)
    return size
  }

  #sizeOfAlias(alias: Alias): number {
    const source = this.#anchored.get(alias.source)
    if (source === undefined) return this.#found(alias, 'there is no anchor of this name above')
    const size = this.#sizes.get(source)
    if (size === undefined) return this.#found(alias, 'this alias stands inside its own anchor, and would never end')
    const before = this.#repeated
    this.#repeated += size
    if (before <= mostRepeated && this.#repeated > mostRepeated)
      this.#found(alias, `up to here, aliases stand for more than ${mostRepeated} values; nest anchors less`)
    return size
  }

  #checkMerge(pair: Pair): void {
    if (!isMergeKey(pair)) return
    const source = this.#resolved(pair.value)
    const sources = isSeq(source) ? source.items.map((item) => this.#resolved(item)) : [source]
    // What is undefined was told already, as an alias without an anchor.
    if (sources.every((one) => one === undefined || isMap(one))) return
    this.#found(pair.key, '<< takes in a map or a list of maps, such as *name; this is something else')
  }

  #resolved(node: unknown): unknown {
    return isAlias(node) ? this.#anchored.get(node.source) : node
  }

  #found(node: unknown, problem: string): 0 {
    const offset = isNode(node) ? node.range?.[0] : undefined
    this.problems.push({ line: this.#positions.lineAt(offset ?? 0), path: '', problem })
    return 0
  }
}
