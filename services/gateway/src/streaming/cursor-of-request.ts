import { type Cursor, parseCursor } from '@spool/events'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../problems/problem.ts'
import { headerOf, queryOf } from '../serving/request.ts'

/** Where the client stands. The header wins: a browser sends it when it comes back, with the address as it was. */
export function cursorOf(request: FastifyRequest): Cursor {
  const query = queryOf(request, 'after')
  return parsedCursor(headerOf(request, 'last-event-id') ?? query ?? '')
}

export function parsedCursor(text: string): Cursor {
  const cursor = parseCursor(text)
  if (cursor !== null) return cursor
  throw new Problem(
    400,
    'malformed_cursor',
    'A cursor is what a stream sends as `id`: <epoch>-<position>, for example 1-4711; 0 means the beginning.',
  )
}
