import type { Dialect, View } from '@spool/dialects'
import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { IDEMPOTENCY_KEY, LAST_EVENT_ID } from '../describing/parameters.ts'
import { cursor, identifier } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'

/** What the routes of a dialect are: made of what the dialect says of itself. */

const stream = { description: 'Frames of this dialect.' }
const headers = ['x-spool-session', 'x-spool-run']
const name = z.string().min(1).max(256)
const bodies = new WeakMap<Dialect, z.ZodType>()

export function asking(dialect: Dialect): Operation {
  return {
    ...common(dialect),
    id: `ask${inPascal(dialect.name)}`,
    summary: dialect.summary,
    description: 'With `Last-Event-ID` it starts nothing and continues the run of that event, whatever the body says.',
    headers: [IDEMPOTENCY_KEY, LAST_EVENT_ID],
    body: { schema: bodyOf(dialect), example: exampleOf(dialect) },
    answers: { 200: { description: 'The stream.', stream, ...(dialect.tell && { json: anyObject }), headers } },
    problems: byStatus([...OF_RUNS, ...OF_STREAMS], dialect),
  }
}

export function resuming(dialect: Dialect): Operation {
  return {
    ...common(dialect),
    id: `resume${inPascal(dialect.name)}`,
    summary: `${dialect.summary}: continue a stream`,
    query: {
      session_id: identifier.describe('The session.'),
      after: cursor.optional().describe('The cursor of the last event that the client has seen.'),
    },
    headers: [LAST_EVENT_ID],
    answers: { 200: { description: 'What follows; where it is over, the last words.', stream, headers } },
    problems: byStatus(dialect.agent === undefined ? OF_STREAMS : [...OF_STREAMS, [404, 'unknown_agent']], dialect),
  }
}

export function askingWhole(dialect: Dialect): Operation {
  return {
    ...common(dialect),
    id: `ask${inPascal(dialect.name)}Whole`,
    summary: `${dialect.summary}: the answer in one piece`,
    headers: [IDEMPOTENCY_KEY],
    body: { schema: bodyOf(dialect), example: exampleOf(dialect) },
    answers: { 200: { description: 'The finished answer.', json: anyObject, headers } },
    problems: byStatus(OF_RUNS, dialect),
  }
}

export function viewing(dialect: Dialect, view: View): Operation {
  const json = view.of === 'messages' ? z.array(anyObject) : anyObject
  return {
    ...common(dialect),
    id: `read${inPascal(view.path.replaceAll(/:\w+/g, ''))}`,
    summary: view.summary,
    query: view.query instanceof z.ZodObject ? (view.query.shape as Record<string, z.ZodType>) : {},
    answers: { 200: { description: 'As it is.', json } },
    ...(view.of === 'messages' && { problems: { 404: ['session_not_found'], 410: ['session_erased'] } }),
  }
}

const anyObject = z.record(z.string(), z.unknown())

function common({ path }: Dialect): Pick<Operation, 'group' | 'path'> {
  const names = [...path.matchAll(/:(\w+)/g)].map(([, parameter = '']) => parameter)
  return { group: 'Dialects', path: Object.fromEntries(names.map((parameter) => [parameter, name])) }
}

/** One schema of one name, however many routes take it. */
function bodyOf(dialect: Dialect): z.ZodType {
  const known = bodies.get(dialect) ?? component(`${inPascal(dialect.name)}Request`, dialect.body)
  bodies.set(dialect, known)
  return known
}

/** `.meta({ examples })` of its body. */
function exampleOf({ body }: Dialect): unknown {
  const { examples } = (body.meta() ?? {}) as { examples?: unknown[] }
  return examples?.[0] ?? { message: 'What is an event?' }
}

type Refusal = readonly [status: number, code: string]

const OF_RUNS: readonly Refusal[] = [
  [400, 'invalid_idempotency_key'],
  [400, 'unknown_agent'],
  [400, 'unknown_model'],
  // Where a message may be an answer to a question.
  [400, 'confirmation_needs_text'],
  [409, 'request_dropped'],
  [410, 'session_erased'],
  [413, 'message_too_large'],
  [413, 'metadata_too_large'],
  [422, 'idempotency_key_reused'],
  [429, 'too_many_runs'],
  [429, 'too_many_streams'],
  [500, 'step_failed'],
  [503, 'overloaded'],
  [503, 'log_full'],
]

const OF_STREAMS: readonly Refusal[] = [
  [400, 'invalid_id'],
  [400, 'malformed_cursor'],
  [404, 'session_not_found'],
  [404, 'run_not_found'],
  [404, 'cursor_not_found'],
  [410, 'session_erased'],
  [429, 'too_many_streams'],
]

/** A dialect may have a status of its own for some of them. */
function byStatus(refusals: readonly Refusal[], { statuses = {} }: Dialect): Record<number, string[]> {
  const codes: Record<number, string[]> = {}
  for (const [status, code] of refusals) (codes[statuses[code] ?? status] ??= []).push(code)
  return codes
}

function inPascal(words: string): string {
  return words.replaceAll(
    /[^A-Za-z0-9]*([A-Za-z0-9])([A-Za-z0-9]*)[^A-Za-z0-9]*/g,
    (_, first: string, rest: string) => first.toUpperCase() + rest,
  )
}
