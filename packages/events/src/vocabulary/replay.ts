import * as z from 'zod'
import { identifier, record } from './scalars.ts'

/** What only the provider that made it understands: a signature, an encrypted thought. */
const data = record.optional()

/** A piece of an answer the way its provider wants it back, in its place among the others. */
export const replayPartSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string(), data }),
  z.object({ type: z.literal('reasoning'), text: z.string(), data }),
  z.object({ type: z.literal('tool_call'), call: identifier, data }),
])

export type ReplayPart = z.infer<typeof replayPartSchema>
