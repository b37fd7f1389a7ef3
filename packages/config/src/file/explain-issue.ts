import type { z } from 'zod'
import { isModelName } from '../models/model-name.ts'
import { settingMeta } from '../setting-meta.ts'
import type { FileProblem } from './config-file-invalid.ts'
import { isMap } from './is-map.ts'
import { looksLikeKey } from './looks-like-key.ts'
import { nearWord } from './near-word.ts'
import { fieldsAt, schemaAt } from './schema-at.ts'
import type { YamlPositions } from './yaml-positions.ts'

/** What is said wherever a key stands; whoever could read the file may know it by now. */
export const keyAdvice =
  'this looks like a key, which must not stand in this file. Put it into an environment variable and write the name ' +
  'of that; whoever could read this file may know the key, so get a new one'

/** The file as it was read, and what may stand in it. */
export interface ReadFile {
  readonly value: unknown
  readonly schema: z.core.$ZodType
  readonly positions: YamlPositions
}

/** What zod found, in words for the person who wrote the file. Of what stands there only numbers are shown. */
export function explainIssue(issue: z.core.$ZodIssue, file: ReadFile): FileProblem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(issue.path, key, file))
  const { path } = issue
  const found = valueAt(file.value, path)
  if (issue.code === 'invalid_union' && isMap(found)) return inMap(issue).flatMap((inner) => explainIssue(inner, file))
  const schema = schemaAt(file.schema, path)
  const isKey = schema && settingMeta(schema).namesVariable && typeof found === 'string' && looksLikeKey(found)
  const problem = isKey ? keyAdvice : `${saidOf(issue, found)}${expected(issue, found, schema)}`
  return [{ line: file.positions.lineOf(path), path: pathText(path), problem }]
}

/** A map stands where a word could stand as well, so it is judged as a map. */
function inMap({ path, errors }: z.core.$ZodIssueInvalidUnion): z.core.$ZodIssue[] {
  const asMap = errors.find((issues) => issues.every((issue) => issue.path.length > 0 || isOfFields(issue))) ?? []
  return asMap.map((issue) => ({ ...issue, path: [...path, ...issue.path] }))
}

const isOfFields = ({ code }: z.core.$ZodIssue) => code === 'unrecognized_keys' || code === 'custom'

function expected(issue: z.core.$ZodIssue, found: unknown, schema: z.core.$ZodType | undefined): string {
  const near = typeof found === 'string' && nearWord(found, wordsOf(issue))
  return `must be ${(schema && settingMeta(schema).allowed) ?? 'something else'}${near ? `; did you mean ${near}?` : ''}`
}

function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  return issue.code === 'invalid_union' ? issue.errors.flat().flatMap(wordsOf) : []
}

/** What a key is called where it stands beside what it is for. */
const keyField = /^(api|access|auth|bearer|secret)?[-_]?(key|token|secret|password)$/i

function unknownField(map: readonly PropertyKey[], name: string, { schema, positions }: ReadFile): FileProblem {
  const fields = fieldsAt(schema, map)
  const names = Object.keys(fields)
  const near = nearWord(name, names)
  const problem = keyField.test(name)
    ? `no key may stand in this file; ${insteadOfKey(fields)}`
    : near
      ? `there is no such field; did you mean ${near}?`
      : `there is no such field; there are ${names.join(', ')}`
  const path = [...map, name]
  return { line: positions.lineOf(path), path: pathText(isPlainWord(name) ? path : [...map, '…']), problem }
}

function insteadOfKey(fields: Readonly<Record<string, z.core.$ZodType>>): string {
  const [naming] = Object.entries(fields).find(([, field]) => settingMeta(field).namesVariable) ?? []
  const named = 'name the environment variable that holds it'
  return naming ? `${named} with ${naming}` : `where one is needed, ${named}`
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
