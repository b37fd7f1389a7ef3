import { z } from 'zod'
import { oneOf, temperature, textUpTo, trueOrFalse, wholeNumber } from '../file/fields.ts'
import { agentDefaults } from './agent-defaults.ts'
import { languageTag } from './language-tag.ts'

const aboutMonthSeconds = 2_592_000
const daySeconds = 86_400

const tools = () =>
  z.array(z.string()).meta({ allowed: 'a list of names of tools; server__* stands for all tools of an MCP server' })

const confirmationFields = {
  mode: oneOf(['never', 'plan', 'tools'])
    .optional()
    .describe('When a person is asked: never, once for a whole plan, or before each call of `tools`'),
  tools: tools().optional().describe('Which of the tools ask before each call; `mode: tools` may be left out'),
  timeout_seconds: wholeNumber(aboutMonthSeconds)
    .default(agentDefaults.confirmationTimeoutSeconds)
    .describe('How long an answer is waited for; then the run is cancelled'),
}

/** What `confirmation` may be where it is a map. Its descriptions are the reference in docs/agents.md. */
export const confirmationSchema = z.strictObject(confirmationFields)

const limitsFields = {
  steps: wholeNumber(1000).default(agentDefaults.steps).describe('Calls of a model in one run'),
  tool_calls: wholeNumber(10_000, 0).default(agentDefaults.toolCalls).describe('Calls of tools in one run'),
  tokens: wholeNumber(1_000_000_000)
    .optional()
    .describe('Tokens of all calls of a model in one run together; without it there is no limit'),
  wall_clock_seconds: wholeNumber(daySeconds)
    .optional()
    .describe('Longest time of a run, not counting how long it waits for a person; by default `SPOOL_RUN_LIMIT_MS`'),
}

export const limitsSchema = z
  .strictObject(limitsFields)
  .meta({ allowed: `a map with the fields ${Object.keys(limitsFields).join(', ')}` })

const fields = {
  description: textUpTo(1000).optional().describe('For people who choose one'),
  model: z
    .string()
    .regex(/^\S{1,600}$/)
    .meta({ allowed: 'the name of a model' })
    .default(agentDefaults.model)
    .describe('Which model answers where the request names none: a name under `models`, or what a provider calls it'),
  system: textUpTo(100_000)
    .optional()
    .describe('What the model is told about itself; else a sentence in the language of the run'),
  tools: tools().default([]).describe('What it can do; `server__*` stands for all tools of an MCP server'),
  confirmation: z
    .union([z.enum(['never', 'plan']), confirmationSchema])
    .meta({ allowed: `never, plan, or a map with the fields ${Object.keys(confirmationFields).join(', ')}` })
    .default('never')
    .describe('When a person is asked before something is done'),
  limits: limitsSchema.optional().describe('When a run is ended'),
  memory: trueOrFalse().default(false).describe('What it hears about a user is kept for later runs of this user'),
  language: z
    .string()
    .refine((tag) => languageTag(tag) !== undefined)
    .meta({ allowed: 'the tag of a language, such as en or zh-CN' })
    .optional()
    .describe('In which it answers where the request names none'),
  temperature: temperature().optional().describe('Where the request names none'),
  max_tokens: wholeNumber(10_000_000).optional().describe('Longest answer, where the request names none'),
  tenants: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,128}$/)
        .meta({ allowed: 'a tenant: 1 to 128 letters, digits, - or _' }),
    )
    .min(1)
    .meta({ allowed: 'a list of at least one tenant' })
    .optional()
    .describe('Who may use it; without it everybody'),
}

/** An agent as it is written in the file. */
export const agentSchema = z
  .strictObject(fields)
  .meta({ allowed: `a map with any of the fields ${Object.keys(fields).join(', ')}` })

export const agentsSchema = z
  .record(z.string(), agentSchema)
  .refine((agents) => Object.keys(agents).length > 0)
  .meta({ allowed: 'a map from ids to agents, at least one' })

export type WrittenAgent = z.output<typeof agentSchema>
