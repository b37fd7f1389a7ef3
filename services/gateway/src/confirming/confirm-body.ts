import { z } from 'zod'
import { readBody } from '../problems/invalid-body.ts'
import { Problem } from '../problems/problem.ts'

const MAX_MESSAGE_BYTES = 32 * 1024
const MAX_INPUT_BYTES = 64 * 1024

/** A person's answer to a question. */
export const confirmBodySchema = z.strictObject({
  action: z.enum(['confirm', 'modify', 'cancel']),
  /** What `modify` asks for; with the others, a remark that is kept. */
  message: z.string().optional(),
  /** With `modify` of a single tool call: the arguments that it is to have instead. */
  input: z.unknown().optional(),
  /** Of what the person was shown. */
  hash: z.string().min(1).max(256).optional(),
  /** Who answers. */
  user: z.string().min(1).max(256).default('user'),
})

export type ConfirmBody = z.output<typeof confirmBodySchema>

export function readConfirmBody(body: unknown): ConfirmBody {
  const read = readBody(confirmBodySchema, body)
  const { action, message, input } = read
  limitSize('message', Buffer.byteLength(message ?? ''), MAX_MESSAGE_BYTES)
  if (input !== undefined) limitSize('input', Buffer.byteLength(JSON.stringify(input)), MAX_INPUT_BYTES)
  if (action !== 'modify' && input !== undefined) {
    const detail = 'Only `modify` may carry `input`. Nothing was answered; send it with `modify`, or leave it out.'
    throw new Problem(400, 'confirmation_input', detail)
  }
  if (action === 'modify' && input === undefined && (message ?? '').trim() === '') {
    const detail = '`modify` needs a `message` that says what to change, or the `input` to use. Nothing was answered.'
    throw new Problem(400, 'confirmation_needs_text', detail)
  }
  return read
}

function limitSize(field: string, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return
  throw new Problem(413, `${field}_too_large`, `${field} has ${bytes} bytes; at most ${maxBytes} are allowed.`)
}
