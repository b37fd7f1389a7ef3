import { agentDefaults } from './agent-defaults.ts'
import type { AgentSettings } from './agent-settings.ts'

/** The agents of a deployment that defines none: they show, without a key, what agents can do. */
export function builtInAgents(wallClockSeconds: number): AgentSettings[] {
  const { steps, toolCalls, confirmationTimeoutSeconds: timeoutSeconds } = agentDefaults
  const plain: AgentSettings = {
    id: 'demo',
    description: 'Answers.',
    model: agentDefaults.model,
    instructions: null,
    tools: [],
    confirmation: { mode: 'never', tools: [], timeoutSeconds },
    limits: { steps, toolCalls, tokens: null, wallClockSeconds },
    memory: false,
    language: null,
    temperature: null,
    maxTokens: null,
    tenants: null,
  }
  const played = { ...plain, model: 'demo/agent' }
  return [
    plain,
    {
      ...played,
      id: 'demo-plan',
      description: 'Proposes a plan, asks, and does what was agreed.',
      tools: ['demo_wait', 'demo_postcard', 'design_document', 'clock', 'calculator'],
      confirmation: { mode: 'plan', tools: [], timeoutSeconds },
    },
    {
      ...played,
      id: 'demo-tools',
      description: 'Calls tools, one of them slow.',
      tools: ['clock', 'calculator', 'demo_wait', 'demo_postcard'],
    },
    { ...played, id: 'demo-memory', description: 'Remembers what it is told.', memory: true },
    { ...played, id: 'demo-document', description: 'Writes a document.', tools: ['design_document'] },
  ]
}

export const builtInAgentIds: readonly string[] = builtInAgents(agentDefaults.wallClockSeconds).map(({ id }) => id)
