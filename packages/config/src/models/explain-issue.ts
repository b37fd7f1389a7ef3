import type { z } from 'zod'
import { settingMeta } from '../setting-meta.ts'
import { looksLikeKey } from './looks-like-key.ts'
import { isModelName } from './model-name.ts'
import type { ModelsProblem } from './models-invalid.ts'
import { modelsSchema, routesSchema } from './models-schema.ts'
import { nearWord } from './near-word.ts'
import { routeSchema } from './route-schema.ts'
import type { YamlPositions } from './yaml-positions.ts'

/** What is said wherever a key stands; whoever could read the file may know it by now. */
export const keyAdvice =
  'this looks like a key, which must not stand in this file. Put it into an environment variable and name that ' +
  'with key_env; whoever could read this file may know the key, so get a new one'

/** What zod found, in words for the person who wrote the file. Of what stands there only numbers are shown. */
export function explainIssue(issue: z.core.$ZodIssue, value: unknown, positions: YamlPositions): ModelsProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField([...issue.path, key], positions))
  const { path } = issue
  const found = valueAt(value, path)
  const isKey = path[3] === 'key_env' && typeof found === 'string' && looksLikeKey(found)
  const problem = isKey ? keyAdvice : `${saidOf(issue, found)}${expected(issue, found)}`
  return [{ line: positions.lineOf(path), path: pathText(path), problem }]
}

function expected(issue: z.core.$ZodIssue, found: unknown): string {
  const near = issue.code === 'invalid_value' && typeof found === 'string' && nearWord(found, issue.values.map(String))
  return `must be ${allowedOf(issue.path)}${near ? `; did you mean ${near}?` : ''}`
}

/** What a key is called where it stands beside what it is for. */
const keyField = /^(api|access|auth|bearer|secret)?[-_]?(key|token|secret|password)$/i

function unknownField(path: readonly PropertyKey[], positions: YamlPositions): ModelsProblem {
  const name = String(path.at(-1))
  const fields = path.length === 1 ? ['models'] : Object.keys(routeSchema.shape)
  const near = nearWord(name, fields)
  const advice = keyField.test(name)
    ? 'no key may stand in this file; name the environment variable that holds it with key_env'
    : near
      ? `there is no such field; did you mean ${near}?`
      : `there is no such field; there are ${fields.join(', ')}`
  const shownPath = pathText(isPlainWord(name) ? path : [...path.slice(0, -1), '…'])
  return { line: positions.lineOf(path), path: shownPath, problem: advice }
}

/** What may stand at a place of the file: models, an alias, a route, a field. */
function allowedOf(path: readonly PropertyKey[]): string {
  const field = routeSchema.shape[String(path[3]) as keyof typeof routeSchema.shape]
  const places: (z.ZodType | undefined)[] = [modelsSchema, modelsSchema.shape.models, routesSchema, routeSchema, field]
  const schema = places[path.length]
  return (schema && settingMeta(schema).allowed) ?? 'something else'
}

function saidOf(issue: z.core.$ZodIssue, found: unknown): string {
  if (found === undefined) return 'is missing; '
  if (found === null) return 'is empty; '
  return wantsNumber(issue) && isPlainNumber(found) ? `${found} ` : ''
}

/** Where a text is wanted, a number may be a key that is all digits. */
const wantsNumber = (issue: z.core.$ZodIssue) =>
  issue.code === 'invalid_type' ? ['number', 'int', 'boolean'].includes(issue.expected) : issue.code.startsWith('too_')

const isPlainNumber = (found: unknown): found is number => typeof found === 'number' && String(found).length <= 12

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let here = value
  for (const part of path) here = isObject(here) ? here[part] : undefined
  return here
}

const isObject = (value: unknown): value is Record<PropertyKey, unknown> => typeof value === 'object' && value !== null

/** `models.default[0].attempts` */
export function pathText(path: readonly PropertyKey[]): string {
  return path.map((part, index) => (typeof part === 'number' ? `[${part}]` : (index ? '.' : '') + shown(part))).join('')
}

/** Names come from the file as well, and what stands in place of one may be a key. */
function shown(part: PropertyKey): string {
  const name = String(part)
  return name.length <= 80 && isModelName(name) && !looksLikeKey(name) ? name : '…'
}

/** A field that we do not know is shown only where it is made of words, as fields are. */
const isPlainWord = (name: string) => /^[a-z]+([_-]?[a-z]+)*$/i.test(name) && name.length <= 40
