import { IDENTIFIER } from '@spool/events'
import { z } from 'zod'

const name = z.string().min(1).max(256).nullish()

/** Ids of sessions are often numbers where a database made them. */
export const requiredSessionId = z.union([
  z.string().regex(IDENTIFIER, { error: 'must be 1 to 128 letters, digits, "-" or "_"' }),
  z
    .number()
    .int()
    .nonnegative()
    .transform((id) => String(id)),
])

export const sessionId = requiredSessionId.nullish()

/** What every body may also name. What else it has is not ours, and is let be. */
export const commonFields = {
  agent: name,
  model: name,
  language: z.string().max(35).nullish(),
  on_disconnect: z.enum(['continue', 'cancel']).nullish(),
}

/** `null` is how many languages write "absent". */
export function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null)) as never
}
