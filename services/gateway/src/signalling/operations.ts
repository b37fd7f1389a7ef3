import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { AFTER_CURSOR, LAST_EVENT_ID } from '../describing/parameters.ts'
import { count, identifier } from '../describing/scalars.ts'

export const followSignals: Operation = {
  id: 'followSignals',
  group: 'Streams',
  summary: 'Hear how far messages have come',
  description:
    'And nothing of what they say: a client that sees 17 and holds 12 pulls the chunks after 12. Begins with how far open ' +
    'messages are; with a cursor also those that were closed since.',
  query: { after: AFTER_CURSOR },
  headers: [LAST_EVENT_ID],
  answers: {
    200: {
      description: 'The stream.',
      stream: {
        description: 'Of each message at most one in 50 ms, and always its last state. A comment every 15 s.',
        data: z.object({
          message: identifier,
          sequence: count.describe('Of its last chunk.'),
          attempt: count,
          status: z.enum(['requested', 'streaming', 'complete', 'partial']),
        }),
      },
      headers: ['x-spool-session'],
    },
  },
  problems: {
    400: ['malformed_cursor'],
    404: ['session_not_found'],
    410: ['session_erased'],
    429: ['too_many_streams'],
  },
}
