import { isId } from '@spool/log'
import { z } from 'zod'

const id = z.string().refine(isId, { error: 'must be 1 to 128 letters, digits, "-" or "_"' })
export const LONGEST_NAME = 128
/** Of the client's own; the reply repeats it. */
const re = z.union([z.string().max(LONGEST_NAME), z.number()]).optional()

/** What a client may send over a WebSocket. `run` and `confirm` take what their calls over HTTP take as a body. */
export const operationSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('follow'), id: re, session: id, after: z.string().optional() }),
  z.strictObject({ op: z.literal('unfollow'), id: re, session: id }),
  z.looseObject({ op: z.literal('run'), id: re, session: id, idempotency_key: z.string().optional() }),
  z.strictObject({ op: z.literal('cancel'), id: re, session: id, run: id }),
  z.looseObject({
    op: z.literal('confirm'),
    id: re,
    session: id,
    confirmation: id,
    idempotency_key: z.string().optional(),
  }),
])

export type Operation = z.output<typeof operationSchema>
export type OperationName = Operation['op']
