import * as z from 'zod'
import { identifier, instant } from './scalars.ts'

// Position, epoch, tenant and session are not here: they belong to the place where the event lies.
// No schema of the vocabulary transforms or defaults anything, so a valid body *is* the event.

/** An event that may stand outside a run. */
export function sessionEvent<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({
    v: z.literal(1),
    type: z.literal(type),
    run: identifier.optional(),
    at: instant,
    ...shape,
  })
}

/** An event that belongs to a run. */
export function runEvent<Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) {
  return z.object({ v: z.literal(1), type: z.literal(type), run: identifier, at: instant, ...shape })
}
