import * as z from 'zod'
import { runEvent } from './envelope.ts'
import { failureSchema } from './failure.ts'
import { identifier, milliseconds, ordinal } from './scalars.ts'

export const toolCalled = runEvent('tool.called', {
  call: identifier,
  name: z.string().min(1),
  input: z.unknown(),
  /** Index of the task of the plan that it carries out. */
  task: ordinal.optional(),
  /** false: never run twice, whatever died. */
  repeatable: z.boolean(),
})

/** Appended before the tool is touched. */
export const toolStarted = runEvent('tool.started', { call: identifier, attempt: ordinal, worker: z.string().min(1) })

export const toolProgress = runEvent('tool.progress', {
  call: identifier,
  progress: z.number().min(0).max(1).optional(),
  text: z.string().optional(),
})

export const toolCompleted = runEvent('tool.completed', {
  call: identifier,
  /** The output, or where `blob` holds it all, its beginning. */
  output: z.unknown().optional(),
  blob: identifier.optional(),
  duration_ms: milliseconds,
})

export const toolFailed = runEvent('tool.failed', {
  call: identifier,
  error: failureSchema,
  outcome: z.enum(['failed', 'denied', 'timed_out', 'unknown']),
})

export const toolEvents = [toolCalled, toolStarted, toolProgress, toolCompleted, toolFailed] as const
