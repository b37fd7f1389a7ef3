import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { BEFORE, limit } from '../describing/parameters.ts'
import { count, identifier, instant, nullable } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'

const memory = component(
  'Memory',
  z.object({
    id: identifier,
    text: z.string(),
    user: nullable(z.string()),
    agent: nullable(z.string()),
    session: identifier,
    run: identifier,
    created_at: instant,
    updated_at: instant,
  }),
)

const agent = z.string().optional().describe('Only what this agent remembers.')

export const listMemories: Operation = {
  id: 'listMemories',
  group: 'Memories',
  summary: 'What agents remember',
  query: {
    user: z.string().optional().describe('Only of this user.'),
    agent,
    q: z.string().optional().describe('Words, or their beginnings, that a memory has.'),
    limit: limit(1000, 100).optional(),
    before: BEFORE,
  },
  answers: {
    200: {
      description: 'The newest first.',
      json: z.object({ memories: z.array(memory), next: nullable(z.string()) }),
    },
  },
}

export const forgetMemory: Operation = {
  id: 'forgetMemory',
  group: 'Memories',
  summary: 'Forget one memory',
  answers: { 200: { description: 'It is gone.', json: z.object({ id: identifier, deleted: z.literal(true) }) } },
  problems: { 404: ['memory_not_found'] },
}

export const forgetUser: Operation = {
  id: 'forgetUser',
  group: 'Memories',
  summary: 'Forget all of a user',
  query: { user: z.string().min(1).describe('Whose memories.'), agent },
  answers: {
    200: {
      description: 'How many are gone.',
      json: z.object({ user: z.string(), agent: z.string().optional(), deleted: count }),
    },
  },
}
