import { milliseconds, secret, serviceSettings, url, wholeNumber } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('agent-orchestrator'),
  OPENAI_API_KEY: secret().optional().describe('Whether models beside the demo model can be asked for'),
  OPENAI_BASE_URL: url('http', 'https').optional().describe('The same, for a server that needs no key'),
  SPOOL_STEPS: wholeNumber({ min: 1, max: 1000 })
    .default(64)
    .describe('Steps of runs that one orchestrator takes at once'),
  SPOOL_RUN_LIMIT_MS: milliseconds({ min: 1000 }).default(3_600_000).describe('Longest time of a run, by the clock'),
})

export type Config = z.output<typeof configSchema>
