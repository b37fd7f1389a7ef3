import { secret, serviceSettings, text, url, wholeNumber } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('llm-proxy'),
  OPENAI_API_KEY: secret()
    .optional()
    .describe('Key of an OpenAI-compatible provider; without one the demo model answers'),
  OPENAI_BASE_URL: url('http', 'https').optional().describe('Address of an OpenAI-compatible provider'),
  OPENAI_MODEL: text().optional().describe('What the model "default" stands for there'),
  SPOOL_GENERATIONS: wholeNumber({ min: 1, max: 10_000 })
    .default(500)
    .describe('Answers that one proxy streams at once'),
})

export type Config = z.output<typeof configSchema>
