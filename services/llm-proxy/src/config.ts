import { modelSettings, serviceSettings, wholeNumber } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('llm-proxy'),
  ...modelSettings,
  SPOOL_GENERATIONS: wholeNumber({ min: 1, max: 10_000 })
    .default(500)
    .describe('Answers that one proxy streams at once'),
})

export type Config = z.output<typeof configSchema>
