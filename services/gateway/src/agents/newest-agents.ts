import { type AgentsStatus, type Bus, askStatuses } from '@spool/log'
import * as z from 'zod'

/** Only what is named here is passed on, whatever else a copy may say. */
const agentsSchema: z.ZodType<AgentsStatus> = z.object({
  instance: z.string(),
  started_at: z.iso.datetime(),
  default_agent: z.string().nullable(),
  agents: z.array(
    z.object({
      id: z.string(),
      description: z.string().nullable(),
      model: z.string(),
      tools: z.array(z.string()),
      confirmation: z.object({ mode: z.enum(['never', 'plan', 'tools']), timeout_seconds: z.number() }),
      memory: z.boolean(),
      language: z.string().nullable(),
      tenants: z.array(z.string()).nullable(),
    }),
  ),
})

/** They are all there at once or have read another file, so one answer is nearly enough. */
const othersMs = 50

/** What the copy of agent-orchestrator that started last says; undefined where none says anything understandable. */
export async function newestAgents(bus: Bus): Promise<AgentsStatus | undefined> {
  const answers = await askStatuses(bus, 'agent-orchestrator', { othersMs })
  const understood = answers.flatMap((answer) => agentsSchema.safeParse(answer).data ?? [])
  return understood.toSorted((one, other) => Date.parse(other.started_at) - Date.parse(one.started_at))[0]
}
