import type { AgentSettings } from '@spool/config'
import type { RunState } from '@spool/events'
import type { Tool } from '../tools/tool.ts'
import type { Deployed } from './decision.ts'

/** Who answers in this run. A deployment may have forgotten it while the run waited. */
export function agentOf(run: RunState, { agents, tenant }: Deployed): AgentSettings | undefined {
  return run.agent === null ? agents.byDefaultFor(tenant) : agents.find(run.agent, tenant)
}

/** Looked up once for a decision, which asks again for each of many calls. */
const looked = new WeakMap<Deployed, Map<AgentSettings, readonly Tool[]>>()

export function toolsOf(run: RunState, deployed: Deployed): readonly Tool[] {
  const agent = agentOf(run, deployed)
  if (agent === undefined || agent.tools.length === 0) return []
  const known = looked.get(deployed) ?? new Map<AgentSettings, readonly Tool[]>()
  looked.set(deployed, known)
  const tools = known.get(agent) ?? deployed.toolbox.named(agent.tools)
  known.set(agent, tools)
  return tools
}
