import type { z } from 'zod'

type Issue = z.core.$ZodIssue

const MOST_NAMES = 10
const LONGEST_NAME = 100

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  // The only lists that a body has.
  array: 'a list of parts',
}

/** What is wrong with a body, as a sentence of its own. */
export function inAll(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return `There is no field ${some(issue.keys)}`
  return 'Send a JSON object, with content-type application/json'
}

/** What is wrong with a field of a body and what to send, to be read behind its name. */
export function inWords(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return isMissing(issue) ? `is missing: ${typeOf(issue)}` : `must be ${typeOf(issue)}`
    case 'invalid_value':
      return `${isMissing(issue) ? 'is missing:' : 'must be'} ${oneOf(issue.values)}`
    case 'too_small':
      return issue.origin === 'number'
        ? `must be ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
        : short(issue)
    case 'too_big':
      return issue.origin === 'number'
        ? `must be at most ${issue.maximum}`
        : `must have at most ${issue.maximum} ${unitOf(issue)}`
    case 'unrecognized_keys':
      return `has no field ${some(issue.keys)}`
    case 'invalid_union':
      return ofForms(issue)
    case 'invalid_format':
      // A text of its own says what it has to be; the library's own shows a pattern.
      return issue.message.startsWith('must ') ? issue.message : 'is not what it has to be'
    case 'custom':
      return issue.message
    default:
      return 'is not what it has to be'
  }
}

/** Of the forms that a value may have: the trouble with the one that it has, or which there are. */
function ofForms(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const firsts = issue.errors.flatMap(([first]) => first ?? [])
  const closest = firsts.find(({ code }) => code !== 'invalid_type')
  if (closest !== undefined) return inWords(closest)
  const types = firsts.flatMap((first) => (first.code === 'invalid_type' ? [typeOf(first)] : []))
  const tags = 'options' in issue ? (issue.options ?? []) : []
  return `${isMissing(issue) ? 'is missing:' : 'must be'} ${types.join(', or ') || oneOf(tags)}`
}

const short = ({ minimum, ...issue }: Extract<Issue, { code: 'too_small' }>) =>
  minimum === 1 ? 'must not be empty' : `must have at least ${minimum} ${unitOf(issue)}`

const unitOf = ({ origin }: { origin: string }) => (origin === 'string' ? 'characters' : 'entries')
const typeOf = ({ expected }: Extract<Issue, { code: 'invalid_type' }>) =>
  TYPES[expected] ?? `a value of type ${expected}`
const isMissing = ({ input }: Issue) => input === undefined
const oneOf = (values: readonly unknown[]) => `${values.length > 1 ? 'one of ' : ''}${quoted(values)}`
/** Of names that a client has made up, and of which there may be any number. */
const some = (names: readonly string[]) => quoted(names.slice(0, MOST_NAMES).map((name) => name.slice(0, LONGEST_NAME)))
const quoted = (values: readonly unknown[]) => values.map((value) => JSON.stringify(value)).join(', ')
