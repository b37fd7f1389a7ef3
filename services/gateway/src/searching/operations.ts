import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { BEFORE, limit } from '../describing/parameters.ts'
import { cursor, identifier, instant, nullable, position } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'

const hit = component(
  'SearchHit',
  z.object({
    session: identifier,
    message: identifier,
    run: nullable(identifier),
    role: z.enum(['user', 'system', 'assistant']),
    status: z.enum(['complete', 'partial']),
    partial: z.boolean(),
    at: instant,
    snippet: z
      .array(z.object({ text: z.string(), hit: z.literal(true).optional() }))
      .describe('Plain text. Joined, an excerpt; the pieces with `hit` are what was searched for.'),
    cursor: cursor.describe('Where the message ended.'),
    seq: position,
  }),
)

export const search: Operation = {
  id: 'search',
  group: 'Sessions',
  summary: 'Search all messages of the tenant',
  description: 'All words must occur, the last one also as the beginning of a word. There are no operators.',
  query: {
    q: z.string().max(10_000).describe('What to look for.'),
    session: identifier.optional().describe('Only in this session.'),
    role: z.enum(['user', 'assistant', 'system']).optional().describe('Only what these have said.'),
    limit: limit(100, 20).optional(),
    before: BEFORE,
  },
  answers: {
    200: {
      description: 'The newest first.',
      json: z.object({ hits: z.array(hit), next: nullable(z.string()) }),
    },
  },
}
