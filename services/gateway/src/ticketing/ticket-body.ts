import { isId, type Scope, SCOPES } from '@spool/log'
import { z } from 'zod'

export const ticketBodySchema = z.strictObject({
  session: z.string().refine(isId, { error: 'must be 1 to 128 letters, digits, "-" or "_"' }),
  scopes: z
    .array(z.enum(SCOPES))
    .min(1)
    .default((): Scope[] => ['read']),
  /** In whose name runs are started with it. */
  user: z.string().min(1).max(256).optional(),
})
