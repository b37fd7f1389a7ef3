import { z } from 'zod'
import type { HeaderParameter } from './operation.ts'
import { cursor, identifier } from './scalars.ts'

/** Parameters that more than one call has. */

export const limit = (max: number, fallback: number) =>
  z.int().min(1).max(max).default(fallback).describe('How many at most.')

export const AT = cursor
  .optional()
  .describe('The state as it was when this event was the last one. Without it: as it is now.')

export const AFTER_CURSOR = cursor
  .optional()
  .describe('Where the client stands. `0`, or neither this nor the header: from the beginning.')

export const BEFORE = z.string().optional().describe('The `next` of the page before.')

export const IDEMPOTENCY_KEY: HeaderParameter = {
  name: 'Idempotency-Key',
  description: 'The same key with the same body does it once, however often it is sent, across restarts.',
  schema: identifier.optional(),
  example: 'order-4711',
}

export const LAST_EVENT_ID: HeaderParameter = {
  name: 'Last-Event-ID',
  description: 'The cursor of the last event that the client has seen. It wins over `after`.',
  schema: cursor.optional(),
  example: '1-4711',
}

export const PREFER: HeaderParameter = {
  name: 'Prefer',
  description: '`wait=<seconds>`, up to 120: answered when the run is over, or asks a person.',
  schema: z.string().optional(),
  example: 'wait=30',
}

/** Of answers. */
export const ANSWER_HEADERS: Readonly<Record<string, string>> = {
  'x-request-id': 'Names the request in logs; the client’s own where it sent one.',
  'x-spool-session': 'Id of the session.',
  'x-spool-run': 'Id of the run.',
  location: 'Where what was made can be read.',
  'preference-applied': 'The preference that the answer waited for.',
  'retry-after': 'Seconds until it makes sense to ask again.',
  'www-authenticate': 'What is wrong with the key.',
}
