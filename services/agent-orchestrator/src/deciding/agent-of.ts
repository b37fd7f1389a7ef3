import type { AgentSettings } from '@spool/config'
import type { RunState } from '@spool/events'
import type { Tool } from '../tools/tool.ts'
import type { Circumstances } from './decision.ts'

/** Who answers in this run. A deployment may have forgotten it while the run waited. */
export function agentOf(run: RunState, { agents, tenant }: Circumstances): AgentSettings | undefined {
  return run.agent === null ? agents.byDefaultFor(tenant) : agents.find(run.agent, tenant)
}

export function toolsOf(run: RunState, circumstances: Circumstances): readonly Tool[] {
  const agent = agentOf(run, circumstances)
  return agent === undefined || agent.tools.length === 0 ? [] : circumstances.toolbox.named(agent.tools)
}
