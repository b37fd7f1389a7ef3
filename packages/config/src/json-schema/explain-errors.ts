import type { ErrorObject } from 'ajv'
import { escapePointer, unescapePointer } from './pointer.ts'

const maxProblems = 6
/** Each is compared with all others, and a long list of wrong values has hundreds of thousands. */
const maxLookedAt = 200
const maxListed = 20
const maxTextLength = 1500

/** Says to a model what it has to change. */
export function explainErrors(all: readonly ErrorObject[]): string {
  const errors = all.slice(0, maxLookedAt)
  const problems = [...new Set(withoutBranches(errors).map((error) => explain(error, errors)))]
  const told = problems.slice(0, maxProblems)
  const untold = problems.length - told.length + all.length - errors.length
  if (untold > 0) told.push(`and ${untold} more`)
  return cut(`The arguments do not fit: ${told.join('; ')}.`, maxTextLength)
}

const choices = new Set(['anyOf', 'oneOf'])

/** What is wrong with each of several allowed forms is told together, by the error of the choice itself. */
function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  const chosen = errors.filter(({ keyword }) => choices.has(keyword))
  const kept = errors.filter(
    (error) =>
      error.keyword !== 'if' &&
      !chosen.some((choice) => choice !== error && error.schemaPath.startsWith(`${choice.schemaPath}/`)),
  )
  return kept.length > 0 ? kept : errors
}

function explain(error: ErrorObject, all: readonly ErrorObject[]): string {
  const { keyword, instancePath, params, message } = error
  const where = placeOf(instancePath)
  switch (keyword) {
    case 'required':
      return `${placeOf(`${instancePath}/${escapePointer(params['missingProperty'])}`)} is missing`
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownProperty(error)
    case 'type':
      return `${where} must be ${kinds(params['type'])}, but is ${kindOf(error.data)}`
    case 'enum':
      return `${where} must be ${listed((params['allowedValues'] as unknown[]).map(asText), ' or ')}`
    case 'const':
      return `${where} must be ${asText(params['allowedValue'])}`
    case 'format':
      return `${where} must be of the format ${params['format']}`
    case 'pattern':
      return `${where} must match the pattern ${cut(String(params['pattern']), 200)}`
    case 'not':
      return `${where} has a form that is not allowed`
    case 'anyOf':
    case 'oneOf':
      return params['passingSchemas'] ? `${where} must fit exactly one of the allowed forms` : noForm(error, all)
    default:
      return `${where} ${(message ?? 'is wrong').replace('NOT', 'not')}`
  }
}

function unknownProperty({ instancePath, params, parentSchema }: ErrorObject): string {
  const name = String(params['additionalProperty'] ?? params['unevaluatedProperty'])
  const place = placeOf(`${instancePath}/${escapePointer(name)}`)
  const known = Object.keys((parentSchema as { properties?: object } | undefined)?.properties ?? {})
  return known.length === 0 ? `${place} is not known` : `${place} is not known, but ${listed(known, ' and ')}`
}

/** `x must be a text or null`, where that is all; else what each of the forms misses. */
function noForm(choice: ErrorObject, all: readonly ErrorObject[]): string {
  const where = placeOf(choice.instancePath)
  const prefix = `${choice.schemaPath}/`
  const branches = new Map<string, ErrorObject[]>()
  for (const error of all) {
    if (!error.schemaPath.startsWith(prefix)) continue
    const branch = error.schemaPath.slice(prefix.length).split('/', 1)[0]!
    branches.set(branch, [...(branches.get(branch) ?? []), error])
  }
  const forms = [...branches.values()].slice(0, 4)
  if (forms.length === 0) return `${where} fits none of the allowed forms`
  if (forms.every(([first]) => first?.keyword === 'type' && first.instancePath === choice.instancePath)) {
    return `${where} must be ${kinds(forms.map(([first]) => first!.params['type']))}, but is ${kindOf(choice.data)}`
  }
  const misses = forms.map((errors) =>
    withoutBranches(errors)
      .slice(0, 2)
      .map((error) => explain(error, errors))
      .join(', '),
  )
  return `${where} fits none of the allowed forms (${misses.join(' | ')})`
}

/** `/items/0/name` is `items[0].name`. */
function placeOf(pointer: string): string {
  if (pointer === '') return 'the whole'
  const parts = pointer.slice(1).split('/').map(unescapePointer)
  return cut(
    parts.map((part, index) => (/^\d+$/.test(part) ? `[${part}]` : index === 0 ? part : `.${part}`)).join(''),
    120,
  )
}

const kinds = (types: unknown) => listed([types].flat(2).map(kindName), ' or ')

const kindOf = (value: unknown) =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : value === undefined ? 'missing' : kindName(typeof value)

const kindName = (type: unknown) =>
  type === 'null' ? 'null' : `${/^[aeio]/.test(String(type)) ? 'an' : 'a'} ${String(type)}`

const asText = (value: unknown) => cut(JSON.stringify(value), 60)

function listed(texts: readonly string[], last: string): string {
  const told = texts.slice(0, maxListed)
  if (texts.length > told.length) return `${told.join(', ')}, …`
  return [told.slice(0, -1).join(', '), told.at(-1)].filter(Boolean).join(last)
}

const cut = (text: string, length: number) => (text.length > length ? `${text.slice(0, length - 1)}…` : text)
