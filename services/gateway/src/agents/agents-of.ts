import type { AgentsStatus, AgentStatus } from '@spool/log'

export interface ListedAgent extends Omit<AgentStatus, 'tenants'> {
  /** Answers where a request names nobody and nobody has answered in the session. */
  readonly default: boolean
}

/** The agents that a tenant may use. Who else may use them is nobody's business. */
export function agentsOf({ agents, default_agent: byDefault }: AgentsStatus, tenant: string): ListedAgent[] {
  const own = agents.filter(({ tenants }) => tenants === null || tenants.includes(tenant))
  const first = own.find(({ id }) => id === byDefault) ?? own[0]
  return own.map(({ tenants: _tenants, ...agent }) => ({ ...agent, default: agent.id === first?.id }))
}
