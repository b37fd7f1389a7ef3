import * as z from 'zod'
import { CUSTOM_TYPE, identifier, instant, ordinal } from './scalars.ts'

/** Whatever an agent's tool or an external program emits: stored, streamed, not folded. */
export const customEvent = z.object({
  v: ordinal,
  type: z.custom<`custom.${string}`>((type) => typeof type === 'string' && CUSTOM_TYPE.test(type), 'custom.<name>'),
  run: identifier.optional(),
  at: instant,
  data: z.unknown().optional(),
})

export type CustomEvent = z.infer<typeof customEvent>
