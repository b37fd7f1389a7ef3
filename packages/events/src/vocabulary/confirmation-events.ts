import * as z from 'zod'
import { runEvent } from './envelope.ts'
import { identifier, instant, ordinal } from './scalars.ts'

export const taskSchema = z.object({
  /** From 1. */
  index: ordinal,
  description: z.string(),
  tool: z.string().min(1).optional(),
  input: z.unknown().optional(),
})

export const planProposed = runEvent('plan.proposed', { round: ordinal, tasks: z.array(taskSchema) })

export const confirmationRequested = runEvent('confirmation.requested', {
  confirmation: identifier,
  kind: z.enum(['plan', 'tool']),
  round: ordinal,
  prompt: z.string(),
  tasks: z.array(taskSchema),
  call: identifier.optional(),
  /** Of exactly what will be done. */
  hash: z.string().min(1),
  options: z.array(z.enum(['confirm', 'modify', 'cancel'])),
  timeout_seconds: z.number().positive(),
  deadline: instant,
})

export const confirmationResolved = runEvent('confirmation.resolved', {
  confirmation: identifier,
  action: z.enum(['confirm', 'modify', 'cancel', 'timeout']),
  message: z.string().optional(),
  input_before: z.unknown().optional(),
  input_after: z.unknown().optional(),
  by: z.string(),
  via: z.string(),
  /** The request that brought the answer: its repetition is told the same. */
  request: identifier.optional(),
})

export const confirmationEvents = [planProposed, confirmationRequested, confirmationResolved] as const

export type Task = z.infer<typeof taskSchema>
