import type { AgentCatalogue, AgentSettings } from '@spool/config'
import type { AgentsStatus, AgentStatus } from '@spool/log'
import type { Toolbox } from '../tools/toolbox.ts'

type Tools = Pick<Toolbox, 'named'>

/** How to tell gateways which agents there are. Gives back what is to be told at a time. */
export function agentsStatus(instance: string, agents: AgentCatalogue, tools: Tools): () => AgentsStatus {
  const startedAt = new Date().toISOString()
  return () => ({
    instance,
    started_at: startedAt,
    default_agent: agents.byDefault ?? null,
    agents: agents.all.map((agent) => statusOf(agent, tools)),
  })
}

function statusOf(agent: AgentSettings, tools: Tools): AgentStatus {
  const { id, description, model, confirmation, memory, language, tenants } = agent
  return {
    id,
    description,
    model,
    tools: tools.named(agent.tools).map(({ name }) => name),
    confirmation: { mode: confirmation.mode, timeout_seconds: confirmation.timeoutSeconds },
    memory,
    language,
    tenants,
  }
}
