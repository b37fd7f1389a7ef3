import { z } from 'zod'
import { oneOf, temperature, timeoutMs, trueOrFalse, wholeNumber } from '../file/fields.ts'
import { variableName } from '../file/variable-name.ts'
import { isBaseUrl } from '../is-base-url.ts'
import { routeDefaults } from './route-defaults.ts'
import { continuations, providerNames, reasoningEfforts } from './route-settings.ts'

/** Some are paths, `/models/mine.gguf`, so it is not asked for more than one word. */
const model = () => z.string().regex(/^[^\s\p{Cc}]{1,200}$/u)

const fields = {
  provider: oneOf(providerNames).describe('Who is asked'),
  model: model()
    .meta({ allowed: 'a text of 1 to 200 characters without spaces' })
    .describe("The provider's name for the model; for Azure the deployment"),
  base_url: z
    .string()
    .refine(isBaseUrl)
    .meta({ allowed: 'a URL (http, https) without user, password, query or fragment' })
    .optional()
    .describe('Address of the API, where it is not the usual one; `openai-compatible` needs it'),
  api_version: z
    .string()
    .regex(/^[\w.-]{1,50}$/)
    .meta({ allowed: 'a version as Azure writes them, such as 2025-04-01-preview' })
    .optional()
    .describe('Of the API; Azure only'),
  key_env: variableName('OPENAI_API_KEY')
    .optional()
    .describe("Name of the environment variable that holds the key; by default the provider's usual one"),
  context_window: wholeNumber(100_000_000)
    .optional()
    .describe('Tokens that fit into the model, its answer included; [where it is not known](#long-conversations)'),
  temperature: temperature().optional().describe('Where the request names none'),
  max_tokens: wholeNumber(10_000_000).optional().describe('Longest answer, where the request names none'),
  reasoning: oneOf(reasoningEfforts).optional().describe('How much the model may think, where the provider takes that'),
  continue: oneOf(continuations)
    .optional()
    .describe('What becomes of the text that is there when an answer breaks off; the default depends on the provider'),
  repeats: trueOrFalse()
    .default(routeDefaults.repeats)
    .describe('The model repeats words of the text it is to continue; they are dropped'),
  first_token_timeout_ms: timeoutMs()
    .default(routeDefaults.firstTokenTimeoutMs)
    .describe('Longest wait for the first token'),
  stall_timeout_ms: timeoutMs()
    .default(routeDefaults.stallTimeoutMs)
    .describe('Longest silence in the middle of an answer; ten times as long while a model is said to think'),
  max_concurrency: wholeNumber(100_000)
    .optional()
    .describe('Calls at a time, for each proxy and each name of a model; without it there is no limit'),
  attempts: wholeNumber(20).default(routeDefaults.attempts).describe('Calls before the next route is tried'),
}

/** A route as it is written in the file. Its descriptions are the reference in docs/models.md. */
export const routeSchema = z.strictObject(fields).meta({ allowed: 'a map with provider and model' })

export type WrittenRoute = z.output<typeof routeSchema>
