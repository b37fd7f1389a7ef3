import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { IDEMPOTENCY_KEY } from '../describing/parameters.ts'
import { cursor, identifier, nullable } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'
import { forkBodySchema } from './fork-body.ts'

const answer = z.object({
  session: identifier,
  forked_from: z.object({ session: identifier, cursor: nullable(cursor) }),
  links: z.record(z.string(), z.string()),
  cursor: nullable(cursor).describe('The end of the copy; null while it is not whole.'),
})
const headers = ['x-spool-session', 'location']

export const forkSession: Operation = {
  id: 'forkSession',
  group: 'Sessions',
  summary: 'Go on another way from any point',
  description: 'Makes a new session with the history of this one up to a cursor.',
  headers: [IDEMPOTENCY_KEY],
  body: { schema: component('ForkRequest', forkBodySchema), optional: true, example: {} },
  answers: {
    201: { description: 'The copy is whole.', json: component('Fork', answer), headers },
    202: { description: 'It is safe, and not whole yet. Send the same again.', json: answer, headers },
  },
  problems: {
    400: ['invalid_idempotency_key', 'malformed_cursor'],
    404: ['session_not_found', 'cursor_not_found'],
    409: ['session_exists', 'request_dropped'],
    410: ['session_erased'],
    422: ['idempotency_key_reused'],
    500: ['fork_failed'],
    503: ['overloaded', 'log_full'],
  },
}
