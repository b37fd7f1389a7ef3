import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { AFTER_CURSOR, LAST_EVENT_ID, limit } from '../describing/parameters.ts'
import { eventOnTheWire } from '../describing/event-schema.ts'
import { cursor } from '../describing/scalars.ts'

const stream = {
  description:
    '`id:` is the cursor, `event:` the type, `data:` the event. `event: reset` comes where a cursor cannot be continued. ' +
    'A comment every 15 s. `event: limit` says that the stream has been open for as long as one may be.',
  data: 'event',
} as const

export const followSession: Operation = {
  id: 'followSession',
  group: 'Streams',
  summary: 'Follow, or page through, a session',
  description:
    'History, then what is new, in one unbroken chain. With `Accept: application/json` (and not `text/event-stream`): a page.',
  query: { after: AFTER_CURSOR, limit: limit(1000, 100).optional().describe('Of a page: how many events at most.') },
  headers: [LAST_EVENT_ID],
  answers: {
    200: {
      description: 'The stream, or a page of events.',
      json: z.object({
        events: z.array(eventOnTheWire),
        next: cursor.describe('Where to go on from.'),
        more: z.boolean().describe('False: that was all for now.'),
      }),
      stream,
      headers: ['x-spool-session'],
    },
  },
  problems: {
    400: ['malformed_cursor'],
    404: ['session_not_found'],
    409: ['cursor_lost'],
    410: ['session_erased'],
    429: ['too_many_streams'],
  },
}

export const followRun: Operation = {
  id: 'followRun',
  group: 'Streams',
  summary: 'Follow one run',
  description: 'From its first event to its last, nothing left out; then the stream ends.',
  query: { after: AFTER_CURSOR },
  headers: [LAST_EVENT_ID],
  answers: {
    200: { description: 'The stream.', stream, headers: ['x-spool-session', 'x-spool-run'] },
    204: { description: 'The cursor is at its end, or past it.', headers: ['x-spool-session', 'x-spool-run'] },
  },
  problems: {
    400: ['malformed_cursor'],
    404: ['session_not_found', 'run_not_found'],
    410: ['session_erased'],
    429: ['too_many_streams'],
  },
}
