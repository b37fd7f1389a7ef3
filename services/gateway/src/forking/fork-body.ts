import { formatCursor } from '@spool/events'
import { isId } from '@spool/log'
import { z } from 'zod'
import { readBody } from '../problems/invalid-body.ts'
import { parsedCursor } from '../streaming/cursor-of-request.ts'

export const forkBodySchema = z.strictObject({
  /** Absent: the end of the session. */
  at: z.string().optional(),
  /** Id of the new session. */
  session: z.string().refine(isId, { error: 'must be 1 to 128 letters, digits, "-" or "_"' }).optional(),
})

export interface ForkBody {
  readonly at?: string
  readonly session?: string
}

export function readForkBody(body: unknown): ForkBody {
  const { at, session } = readBody(forkBodySchema, body ?? {})
  return {
    ...(at !== undefined && { at: formatCursor(parsedCursor(at)) }),
    ...(session !== undefined && { session }),
  }
}
