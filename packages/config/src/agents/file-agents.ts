import { agentDefaults } from './agent-defaults.ts'
import type { WrittenAgent } from './agent-schema.ts'
import type { AgentSettings, ConfirmationSettings } from './agent-settings.ts'
import { languageTag } from './language-tag.ts'

/** The agents that a file defines, with all that was left unsaid. */
export function fileAgents(written: Readonly<Record<string, WrittenAgent>>, wallClockSeconds: number): AgentSettings[] {
  return Object.entries(written).map(([id, agent]) => ({
    id,
    description: agent.description ?? null,
    model: agent.model,
    instructions: agent.system ?? null,
    tools: [...new Set(agent.tools)],
    confirmation: confirmationOf(agent.confirmation),
    limits: {
      steps: agent.limits?.steps ?? agentDefaults.steps,
      toolCalls: agent.limits?.tool_calls ?? agentDefaults.toolCalls,
      tokens: agent.limits?.tokens ?? null,
      wallClockSeconds: agent.limits?.wall_clock_seconds ?? wallClockSeconds,
    },
    memory: agent.memory,
    language: (agent.language && languageTag(agent.language)) ?? null,
    temperature: agent.temperature ?? null,
    maxTokens: agent.max_tokens ?? null,
    tenants: agent.tenants ?? null,
  }))
}

function confirmationOf(written: WrittenAgent['confirmation']): ConfirmationSettings {
  if (typeof written === 'string')
    return { mode: written, tools: [], timeoutSeconds: agentDefaults.confirmationTimeoutSeconds }
  const { mode, tools, timeout_seconds: timeoutSeconds } = written
  return { mode: mode ?? (tools ? 'tools' : 'never'), tools: [...new Set(tools)], timeoutSeconds }
}
