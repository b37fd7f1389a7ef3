import * as z from 'zod'
import { runEvent } from './envelope.ts'
import { failureSchema } from './failure.ts'
import { count, identifier, milliseconds, ordinal, record } from './scalars.ts'
import { usageSchema } from './usage.ts'

/** A new attempt at a message; it fences the one before. */
export const generationStarted = runEvent('generation.started', {
  message: identifier,
  attempt: ordinal,
  worker: z.string().min(1),
  provider: z.string(),
  model: z.string(),
  reason: z.enum(['first', 'retry', 'failover', 'takeover']),
  /** Unicode code points of the text that stay: all of them, or 0. */
  kept: count,
  parameters: record.optional(),
})

export const generationFailed = runEvent('generation.failed', {
  message: identifier,
  attempt: ordinal,
  error: failureSchema,
  /** For so long the provider asks to be left alone. */
  wait_ms: milliseconds.optional(),
  usage: usageSchema.optional(),
})

export const generationEvents = [generationStarted, generationFailed] as const
