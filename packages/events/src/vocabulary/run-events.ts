import * as z from 'zod'
import { runEvent } from './envelope.ts'
import { failureSchema } from './failure.ts'
import { partsSchema } from './parts.ts'
import { count, identifier, milliseconds, ordinal, record } from './scalars.ts'
import { usageSchema } from './usage.ts'

export const confirmationModeSchema = z.object({
  mode: z.enum(['never', 'plan', 'tools']),
  /** Which tools ask first, where the mode is `tools`. */
  tools: z.array(z.string()).optional(),
  timeout_seconds: z.number().positive(),
})

export const limitsSchema = z.object({
  steps: ordinal.optional(),
  tool_calls: count.optional(),
  tokens: ordinal.optional(),
  /** Time spent waiting for a person does not count. */
  wall_clock_seconds: z.number().positive().optional(),
})

const runTerms = {
  kind: z.enum(['agent', 'external']),
  agent: z.string().min(1).optional(),
  model: z.string().min(1).optional(),
  language: z.string().min(1).optional(),
  /** The message that the run answers. */
  input: identifier.optional(),
  user: z.string().min(1).optional(),
  memory: z.enum(['on', 'off']).optional(),
  confirmation: confirmationModeSchema.optional(),
  on_disconnect: z.enum(['continue', 'cancel']).optional(),
  limits: limitsSchema.optional(),
  /** Idempotency key of the request, and the hash of its body. */
  key: identifier.optional(),
  body_hash: z.string().min(1).optional(),
  metadata: record.optional(),
  /** What the model is told beside the conversation, all through the run. */
  context: z.unknown().optional(),
  /** Holds the context where it exceeds 64 KiB. */
  blob: identifier.optional(),
}

/** Waits for the active run; its message joins the conversation when it starts. */
export const runQueued = runEvent('run.queued', { ...runTerms, message: identifier, parts: partsSchema })

export const runStarted = runEvent('run.started', runTerms)

export const runStatus = runEvent('run.status', {
  phase: z.enum(['planning', 'thinking', 'acting', 'remembering', 'awaiting_confirmation']),
  text: z.string(),
})

export const runCancelRequested = runEvent('run.cancel_requested', { by: z.string(), reason: z.string().min(1) })

export const runCompleted = runEvent('run.completed', {
  status: z.enum(['done', 'limit']),
  /** Which limit was reached. */
  limit: z.string().min(1).optional(),
  usage: usageSchema,
  steps: count,
  duration_ms: milliseconds,
})

export const runCancelled = runEvent('run.cancelled', {
  by: z.string(),
  reason: z.string().min(1),
  usage: usageSchema.optional(),
})

export const runFailed = runEvent('run.failed', {
  error: failureSchema.extend({ retryable: z.boolean() }),
  attempts: z.array(z.object({ provider: z.string(), model: z.string(), error: failureSchema })).optional(),
  usage: usageSchema.optional(),
})

export const runEvents = [
  runQueued,
  runStarted,
  runStatus,
  runCancelRequested,
  runCompleted,
  runCancelled,
  runFailed,
] as const
