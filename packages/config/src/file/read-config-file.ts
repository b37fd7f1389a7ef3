import { isAbsolute, relative } from 'node:path'
import type { z } from 'zod'
import { ConfigFileInvalid, type FileProblem } from './config-file-invalid.ts'
import { configText, ConfigUnreadable } from './config-text.ts'
import { explainIssue, keyAdvice, pathText } from './explain-issue.ts'
import { isMap } from './is-map.ts'
import { holdsKey } from './looks-like-key.ts'
import { readYaml } from './read-yaml.ts'
import type { RuleBroken } from './rule-broken.ts'

/**
 * What is wrong with a file beyond what its schema says. Takes the file as it is written, for a schema says nothing more
 * of a value in which anything is wrong already.
 */
export type FileRules = (written: unknown) => readonly RuleBroken[]

/** What stands in the file, or a `ConfigFileInvalid` that names everything that is wrong with it. */
export function readConfigFile<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  rulesBroken: FileRules,
): z.output<Schema> {
  const text = textOf(file)
  const yaml = readYaml(text)
  const value = withoutExtensions(yaml.value)
  const read = schema.safeParse(value)
  const problems = [...keysIn(text), ...yaml.problems]
  if (yaml.problems.length === 0) {
    const { positions } = yaml
    if (!read.success)
      problems.push(...read.error.issues.flatMap((issue) => explainIssue(issue, { value, schema, positions })))
    for (const { path, problem } of rulesBroken(value))
      problems.push({ line: positions.lineOf(path), path: pathText(path), problem })
  }
  if (problems.length > 0 || !read.success) throw invalid(file, eachKeyOnce(problems).toSorted(byLine))
  return read.data
}

function textOf(file: string): string {
  try {
    return configText(file)
  } catch (error) {
    if (!(error instanceof ConfigUnreadable)) throw error
    throw invalid(file, [{ path: '', problem: error.message }], { cause: error })
  }
}

/** Also in comments: whoever may read the file may not have to know the key. */
function keysIn(text: string): FileProblem[] {
  return text
    .split('\n')
    .flatMap((line, index) => (holdsKey(line) ? [{ line: index + 1, path: '', problem: keyAdvice }] : []))
}

/** What knows the field says more than that there is a key in the line. */
function eachKeyOnce(problems: readonly FileProblem[]): FileProblem[] {
  const inFields = new Set(
    problems.filter(({ path, problem }) => path && problem === keyAdvice).map(({ line }) => line),
  )
  return problems.filter(({ line, path, problem }) => path || problem !== keyAdvice || !inFields.has(line))
}

/** `x-…` is for whoever writes the file, as a place for anchors. */
function withoutExtensions(value: unknown): unknown {
  if (!isMap(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x-')))
}

const byLine = (one: FileProblem, other: FileProblem) => (one.line ?? 0) - (other.line ?? 0)

/** Called by its short name where it lies below the working folder. */
function invalid(file: string, problems: readonly FileProblem[], options: ErrorOptions = {}): ConfigFileInvalid {
  const near = relative(process.cwd(), file)
  const shownFile = near.startsWith('..') || isAbsolute(near) ? file : near
  return new ConfigFileInvalid(file, problems, { ...options, shownFile })
}
