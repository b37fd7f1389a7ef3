import type { AgentSettings } from '@spool/config'
import type { RunState } from '@spool/events'
import type { Tool } from '../tools/tool.ts'
import type { Deployed } from './decision.ts'

/** Who answers in this run. A deployment may have forgotten it while the run waited. */
export function agentOf(run: RunState, { agents, tenant }: Deployed): AgentSettings | undefined {
  return run.agent === null ? agents.byDefaultFor(tenant) : agents.find(run.agent, tenant)
}

export function toolsOf(run: RunState, deployed: Deployed): readonly Tool[] {
  const agent = agentOf(run, deployed)
  return agent === undefined || agent.tools.length === 0 ? [] : deployed.toolbox.named(agent.tools)
}
