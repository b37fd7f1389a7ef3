import { type Document, isAlias, LineCounter, parseDocument, visit } from 'yaml'
import type { ModelsProblem } from './models-invalid.ts'
import { YamlPositions } from './yaml-positions.ts'

export interface ReadYaml {
  /** Undefined where there are problems. */
  value: unknown
  positions: YamlPositions
  problems: ModelsProblem[]
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
  const problems: ModelsProblem[] = [...document.errors, ...document.warnings].map(({ code, message, pos }) => ({
    line: positions.lineAt(pos[0]),
    path: '',
    problem: code === 'DUPLICATE_KEY' ? 'this key stands here a second time' : withoutQuotation(message),
  }))
  problems.push(...unknownAliases(document, positions))
  if (problems.length > 0) return { value: undefined, positions, problems: problems.slice(0, mostProblems) }
  try {
    return { value: document.toJS(), positions, problems }
  } catch (error) {
    const reason = error instanceof Error ? withoutQuotation(error.message) : 'it cannot be read'
    return { value: undefined, positions, problems: [{ path: '', problem: reason }] }
  }
}

function unknownAliases(document: Document, positions: YamlPositions): ModelsProblem[] {
  const problems: ModelsProblem[] = []
  visit(document, {
    Alias(_, alias) {
      if (!isAlias(alias) || alias.resolve(document) !== undefined) return
      const line = positions.lineAt(alias.range?.[0] ?? 0)
      problems.push({ line, path: '', problem: 'there is no anchor of this name above' })
    },
  })
  return problems
}

/** Some of the parser's messages end with what it found, `Unexpected token: "sk-…"`. */
const withoutQuotation = (message: string): string => message.replace(/(?<=\w): .*$/s, '')
