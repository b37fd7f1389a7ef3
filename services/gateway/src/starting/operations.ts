import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { IDEMPOTENCY_KEY, PREFER } from '../describing/parameters.ts'
import { cursor, identifier, nullable } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'
import { message } from '../reading/snapshot-schemas.ts'
import { runBodySchema } from './run-body.ts'

const links = z.record(z.string(), z.string()).describe('Where the run can be watched, read and stopped.')

const finished = component(
  'FinishedRun',
  z.object({
    session: identifier,
    run: identifier,
    cursor,
    status: z.enum(['done', 'limit', 'cancelled', 'failed']),
    limit: z.string().optional(),
    reason: z.string().optional(),
    error: z.object({ code: z.string(), message: z.string(), retryable: z.boolean() }).optional(),
    message: nullable(message).describe('The answer, where there is one.'),
    links,
  }),
)

const accepted = component(
  'AcceptedRun',
  z.object({
    session: identifier,
    run: identifier,
    cursor: nullable(cursor).describe('Right before the run’s first event. Null: nobody has taken it up yet.'),
    status: z.literal('awaiting_confirmation').optional(),
    confirmation: identifier.optional().describe('The question that it waits for.'),
    links,
  }),
)

export const startRun: Operation = {
  id: 'startRun',
  group: 'Runs',
  summary: 'Start a run',
  description:
    'Sends a message; a session that is not there is created by it. The request is safe, on disk, before it is answered. ' +
    'With `Accept: text/event-stream` the answer is the stream of the run, with `Prefer: wait=…` the finished message.',
  headers: [IDEMPOTENCY_KEY, PREFER],
  body: { schema: component('RunRequest', runBodySchema), example: { message: 'What is an event?' } },
  answers: {
    200: {
      description: 'The stream of the run, from its first event to its last; or, with `Prefer`, what it came to.',
      json: finished,
      stream: { description: 'The events of the run.', data: 'event' },
      headers: ['x-spool-session', 'x-spool-run', 'preference-applied'],
    },
    202: {
      description: 'The request is safe. Or, with `Prefer`: the run asks a person.',
      json: accepted,
      headers: ['x-spool-session', 'x-spool-run', 'location', 'preference-applied'],
    },
  },
  problems: {
    400: ['invalid_idempotency_key', 'unknown_agent', 'unknown_model'],
    409: ['session_busy', 'request_dropped'],
    410: ['session_erased'],
    413: ['message_too_large', 'metadata_too_large'],
    422: ['idempotency_key_reused'],
    429: ['too_many_runs', 'too_many_streams'],
    500: ['step_failed'],
    503: ['overloaded', 'log_full'],
  },
}
