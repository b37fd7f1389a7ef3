import { milliseconds, modelSettings, serviceSettings, wholeNumber } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('agent-orchestrator'),
  ...modelSettings,
  SPOOL_STEPS: wholeNumber({ min: 1, max: 1000 })
    .default(64)
    .describe('Steps of runs that one orchestrator takes at once'),
  SPOOL_TOOL_CALLS: wholeNumber({ min: 1, max: 1000 })
    .default(64)
    .describe('Calls of tools that one orchestrator carries out at once'),
  SPOOL_DISCONNECT_MS: milliseconds()
    .default(10_000)
    .describe('How long a run with `on_disconnect: cancel` waits for a follower to come back'),
  SPOOL_RUN_LIMIT_MS: milliseconds({ min: 1000 })
    .default(3_600_000)
    .describe('Longest time of a run of an agent that names no limit; waiting for a person does not count'),
})

export type Config = z.output<typeof configSchema>
