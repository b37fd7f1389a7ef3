import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { nullable } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'

const agent = component(
  'Agent',
  z.object({
    id: z.string(),
    description: nullable(z.string()),
    model: z.string(),
    tools: z.array(z.string()),
    confirmation: z.object({ mode: z.enum(['never', 'plan', 'tools']), timeout_seconds: z.number() }),
    memory: z.boolean(),
    language: nullable(z.string()),
    default: z.boolean().describe('Answers where nobody is named and nobody has answered yet.'),
  }),
)

export const listAgents: Operation = {
  id: 'listAgents',
  group: 'Keys and agents',
  summary: 'The agents that the tenant may use',
  answers: { 200: { description: 'All of them.', json: z.object({ agents: z.array(agent) }) } },
}
