import * as z from 'zod'
import { runEvent } from './envelope.ts'
import { identifier, ordinal } from './scalars.ts'

const delta = {
  message: identifier,
  /** 1, 2, 3 … per message and kind, dense, going on over attempts. */
  sequence: ordinal,
  text: z.string(),
}

export const textDelta = runEvent('text.delta', delta)
export const reasoningDelta = runEvent('reasoning.delta', delta)

/** A tool's arguments as they stream. */
export const toolInputDelta = runEvent('tool.input.delta', {
  message: identifier,
  call: identifier,
  name: z.string().min(1),
  text: z.string(),
})

export const deltaEvents = [textDelta, reasoningDelta, toolInputDelta] as const
