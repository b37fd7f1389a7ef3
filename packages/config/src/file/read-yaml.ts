import { type Document, LineCounter, parseDocument } from 'yaml'
import { anchorProblems } from './anchor-problems.ts'
import type { FileProblem } from './config-file-invalid.ts'
import { YamlPositions } from './yaml-positions.ts'
import { yamlWords } from './yaml-words.ts'

export interface ReadYaml {
  /** Undefined where there are problems. */
  value: unknown
  positions: YamlPositions
  problems: FileProblem[]
}

/** A file in which everything is wrong need not be told so a thousand times. */
const mostProblems = 20

/** Reads YAML 1.2 with merge keys and without tags of its own; every problem with its line, and nothing of the text. */
export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    // They would show the lines around.
    prettyErrors: false,
    merge: true,
    stringKeys: true,
    resolveKnownTags: false,
    logLevel: 'error',
  })
  const positions = new YamlPositions(document, lines)
  try {
    const parsing = parsingProblems(document, positions)
    const problems = parsing.length > 0 ? parsing : anchorProblems(document, positions)
    if (problems.length > 0) return { value: undefined, positions, problems: problems.slice(0, mostProblems) }
    // How much aliases may stand for was looked at before.
    return { value: document.toJS({ maxAliasCount: -1 }), positions, problems }
  } catch (error) {
    // What the parser can still follow may be too deep for those who come after it.
    const problem = error instanceof RangeError ? yamlWords.RESOURCE_EXHAUSTION : yamlWords.IMPOSSIBLE
    return { value: undefined, positions, problems: [{ path: '', problem }] }
  }
}

/** The same mistake can be found several times in a line, and nesting without end at every level of it. */
function parsingProblems(document: Document, positions: YamlPositions): FileProblem[] {
  const problems = new Map<string, FileProblem>()
  for (const { code, pos } of [...document.errors, ...document.warnings]) {
    const line = positions.lineAt(pos[0])
    const mistake = code === 'RESOURCE_EXHAUSTION' ? code : `${line} ${code}`
    if (!problems.has(mistake)) problems.set(mistake, { line, path: '', problem: yamlWords[code] })
  }
  return [...problems.values()]
}
