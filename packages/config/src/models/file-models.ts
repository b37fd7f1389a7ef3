import { isAbsolute, relative } from 'node:path'
import type { Environment } from '../load-config.ts'
import { completeRoute } from './complete-route.ts'
import { explainIssue, keyAdvice, pathText } from './explain-issue.ts'
import { holdsKey } from './looks-like-key.ts'
import { ModelCatalogue } from './model-catalogue.ts'
import { ModelsInvalid, type ModelsProblem } from './models-invalid.ts'
import { modelsRulesBroken } from './models-rules.ts'
import { modelsSchema } from './models-schema.ts'
import { modelsText, ModelsUnreadable } from './models-text.ts'
import { readYaml } from './read-yaml.ts'
import type { WrittenRoute } from './route-schema.ts'

/** The models of a file, or a `ModelsInvalid` that names everything that is wrong with it. */
export function fileModels(file: string, env: Environment, requireKeys: boolean): ModelCatalogue {
  const text = textOf(file)
  const yaml = readYaml(text)
  const value = withoutExtensions(yaml.value)
  const read = modelsSchema.safeParse(value)
  const problems = [...keysIn(text), ...yaml.problems]
  if (yaml.problems.length === 0) {
    if (!read.success)
      problems.push(...read.error.issues.flatMap((issue) => explainIssue(issue, value, yaml.positions)))
    for (const { path, problem } of modelsRulesBroken(value, env, requireKeys))
      problems.push({ line: yaml.positions.lineOf(path), path: pathText(path), problem })
  }
  if (problems.length > 0 || !read.success) throw invalid(file, eachKeyOnce(problems).toSorted(byLine))
  const aliases = Object.entries(read.data.models).map(
    ([alias, routes]) => [alias, routes.map((route) => completeRoute(settingsOf(route), env))] as const,
  )
  return new ModelCatalogue({ origin: 'file', file, aliases: new Map(aliases) })
}

function textOf(file: string): string {
  try {
    return modelsText(file)
  } catch (error) {
    if (!(error instanceof ModelsUnreadable)) throw error
    throw invalid(file, [{ path: '', problem: error.message }], { cause: error })
  }
}

/** Also in comments: whoever may read the file may not have to know the key. */
function keysIn(text: string): ModelsProblem[] {
  return text
    .split('\n')
    .flatMap((line, index) => (holdsKey(line) ? [{ line: index + 1, path: '', problem: keyAdvice }] : []))
}

/** What knows the field says more than that there is a key in the line. */
function eachKeyOnce(problems: readonly ModelsProblem[]): ModelsProblem[] {
  const inFields = new Set(
    problems.filter(({ path, problem }) => path && problem === keyAdvice).map(({ line }) => line),
  )
  return problems.filter(({ line, path, problem }) => path || problem !== keyAdvice || !inFields.has(line))
}

/** `x-…` is for whoever writes the file, as a place for anchors. */
function withoutExtensions(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !name.startsWith('x-')))
}

const byLine = (one: ModelsProblem, other: ModelsProblem) => (one.line ?? 0) - (other.line ?? 0)

function settingsOf(written: WrittenRoute) {
  return {
    provider: written.provider,
    model: written.model,
    baseUrl: written.base_url,
    apiVersion: written.api_version,
    keyEnv: written.key_env,
    temperature: written.temperature,
    maxTokens: written.max_tokens,
    reasoning: written.reasoning,
    continues: written.continue,
    repeats: written.repeats,
    firstTokenTimeoutMs: written.first_token_timeout_ms,
    stallTimeoutMs: written.stall_timeout_ms,
    maxConcurrency: written.max_concurrency,
    attempts: written.attempts,
  }
}

/** Called by its short name where it lies below the working folder. */
function invalid(file: string, problems: readonly ModelsProblem[], options: ErrorOptions = {}): ModelsInvalid {
  const near = relative(process.cwd(), file)
  const shownFile = near.startsWith('..') || isAbsolute(near) ? file : near
  return new ModelsInvalid(file, problems, { ...options, shownFile })
}
