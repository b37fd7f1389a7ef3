/** What holds for an agent that says nothing else. */
export const agentDefaults = {
  model: 'default',
  steps: 25,
  toolCalls: 50,
  confirmationTimeoutSeconds: 300,
  wallClockSeconds: 3600,
} as const
