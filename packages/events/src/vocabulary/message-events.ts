import * as z from 'zod'
import { runEvent, sessionEvent } from './envelope.ts'
import { partsSchema } from './parts.ts'
import { replayPartSchema } from './replay.ts'
import { count, cursorText, identifier, milliseconds, ordinal, record } from './scalars.ts'
import { usageSchema } from './usage.ts'

export const purposeSchema = z.enum(['answer', 'plan', 'summary', 'title', 'memory'])

export const toolCallSchema = z.object({
  /** Unique in the session; it becomes the key of the tool's job. */
  call: identifier,
  name: z.string().min(1),
  /** The arguments; their text as it came, where it is not JSON. */
  input: z.unknown(),
})

/** What a model is sent as the result of a call. */
export const toolResultSchema = z.object({
  call: identifier,
  output: z.discriminatedUnion('type', [
    z.object({ type: z.literal('text'), value: z.string() }),
    z.object({ type: z.literal('json'), value: z.unknown() }),
    z.object({ type: z.literal('error-text'), value: z.string() }),
  ]),
  /** Holds the whole output, where `output` is only its beginning. */
  blob: identifier.optional(),
})

/** A message that is whole from the start. Stands outside a run only in a fork's copy, or where history is taken over. */
export const messageAdded = sessionEvent('message.added', {
  message: identifier,
  role: z.enum(['user', 'system', 'assistant']),
  parts: partsSchema,
  // The rest is only in a fork's copy; `continued` and `status` also in history that is taken over.
  /** What was open there is closed as partial. */
  status: z.enum(['complete', 'partial']).optional(),
  reason: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  provider: z.string().min(1).optional(),
  reasoning: z.string().optional(),
  tool_calls: z.array(toolCallSchema).optional(),
  /** Of its calls: those that are missing were not carried out. */
  tool_results: z.array(toolResultSchema).optional(),
  /** Too large for one event: the next `message.added` of this message goes on, where this one's last text ends. */
  continued: z.literal(true).optional(),
})

const toolDescription = z.object({
  name: z.string().min(1),
  description: z.string().optional(),
  /** JSON Schema of its arguments. */
  input_schema: z.unknown(),
})

/** All that the model is sent beside the conversation. */
export const besideSchema = z.object({
  instructions: z.string().optional(),
  tools: z.array(toolDescription).optional(),
  memories: z.array(z.object({ id: identifier, text: z.string() })).optional(),
  context: z.unknown().optional(),
})

export const messageRequested = runEvent('message.requested', {
  message: identifier,
  purpose: purposeSchema,
  model: z.string().min(1),
  parameters: record.optional(),
  ...besideSchema.shape,
  /** Of a summary: the position up to which, and with which, it stands for the conversation. */
  up_to: cursorText.optional(),
  /** Of a summary or a memory: the model is sent about so many tokens; what is longer is clipped. */
  prompt_tokens: ordinal.optional(),
  /** Of an answer or a plan: a result of the run's own calls that is longer is clipped to about so many tokens. */
  result_tokens: ordinal.optional(),
  /** Of an answer or a plan: what was summarised of the run's own calls is told in about so many tokens at most. */
  done_tokens: ordinal.optional(),
  /** Holds instructions, tools, memories and context where together they exceed 64 KiB. */
  blob: identifier.optional(),
})

export const messageStarted = runEvent('message.started', {
  message: identifier,
  role: z.literal('assistant'),
  purpose: purposeSchema,
  provider: z.string(),
  model: z.string(),
})

export const timingSchema = z.object({
  /** null: no token came. */
  first_token_ms: milliseconds.nullable(),
  duration_ms: milliseconds,
  chunks: count,
  /** null: fewer than two chunks. */
  average_chunk_interval_ms: milliseconds.nullable(),
})

/**
 * Why a message ended. `error: …` besides, with the text of an external producer; and where a history was cut off
 * while it was being written, `forked` in a fork's copy and `imported` in what was taken over.
 */
export const FINISH_REASONS = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'cancelled',
  'client_disconnected',
  'provider_failed',
  'server_crashed',
  'producer_silent',
] as const

export const messageCompleted = runEvent('message.completed', {
  message: identifier,
  status: z.enum(['complete', 'partial']),
  reason: z.string().min(1),
  /** Of the attempt that ended it; earlier ones are in their `generation.failed`. */
  usage: usageSchema.optional(),
  timing: timingSchema.optional(),
  tool_calls: z.array(toolCallSchema).optional(),
  response: z.looseObject({ id: z.string().optional() }).optional(),
  /** The answer in its provider's own pieces, where it wants them back with the results of the tools. */
  replay: z.array(replayPartSchema).optional(),
})

export const messageEvents = [messageAdded, messageRequested, messageStarted, messageCompleted] as const

export type Beside = z.infer<typeof besideSchema>
export type Purpose = z.infer<typeof purposeSchema>
export type Timing = z.infer<typeof timingSchema>
export type ToolCall = z.infer<typeof toolCallSchema>
export type ToolResult = z.infer<typeof toolResultSchema>
export type FinishReason = (typeof FINISH_REASONS)[number] | `error: ${string}`
