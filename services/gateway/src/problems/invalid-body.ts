import type { z } from 'zod'
import { inAll, inWords } from './in-words.ts'
import { Problem } from './problem.ts'

interface FieldError {
  field: string
  problem: string
}

/** A body may have hundreds of thousands of mistakes. Whoever makes them waits for no list of all. */
const MOST_TOLD = 20

/** What a body is, or why it cannot be. */
export function readBody<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const read = schema.safeParse(body, { reportInput: true })
  if (read.success) return read.data
  throw invalidBody(read.error)
}

/** Fields that do not fit, by their paths. */
function invalidBody(error: z.ZodError): Problem {
  const errors = told(error.issues, [])
  const detail = errors.map(({ field, problem }) => (field === '' ? problem : `${field} ${problem}`)).join('. ')
  return new Problem(400, 'invalid_body', `${detail.slice(0, 2000)}.`, { members: { errors } })
}

function told(issues: readonly z.core.$ZodIssue[], path: PropertyKey[]): FieldError[] {
  const first = issues.slice(0, MOST_TOLD)
  return first.flatMap((issue) => fieldErrors(issue, path)).slice(0, MOST_TOLD)
}

function fieldErrors(issue: z.core.$ZodIssue, above: PropertyKey[]): FieldError[] {
  const path = [...above, ...issue.path]
  // Of several forms that a field may have, the one that fits best has got furthest.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const forms = issue.errors.map((issues) => told(issues, path))
    const deepest = forms.reduce((best, form) => (depthOf(form) > depthOf(best) ? form : best))
    if (depthOf(deepest) > path.length) return deepest
  }
  return [{ field: path.map(String).join('.'), problem: path.length === 0 ? inAll(issue) : inWords(issue) }]
}

function depthOf(errors: readonly FieldError[]): number {
  return Math.max(0, ...errors.map(({ field }) => (field === '' ? 0 : field.split('.').length)))
}
