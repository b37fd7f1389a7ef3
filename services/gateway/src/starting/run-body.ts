import { type Part, partsSchema } from '@spool/events'
import { z } from 'zod'
import { Problem } from '../problems/problem.ts'
import { invalidBody } from '../problems/invalid-body.ts'

const MAX_PARTS_BYTES = 128 * 1024
const MAX_METADATA_BYTES = 16 * 1024

const name = z.string().min(1).max(256)

/** What a client sends to start a run. A field that we do not know is most likely a misspelt one. */
export const runBodySchema = z.strictObject({
  message: z.union([z.string().min(1), partsSchema.min(1)]),
  agent: name.optional(),
  model: name.optional(),
  language: name.optional(),
  when_busy: z.enum(['enqueue', 'reject', 'interrupt']).default('enqueue'),
  on_disconnect: z.enum(['continue', 'cancel']).default('continue'),
  confirmation: z.strictObject({ timeout_seconds: z.number().positive().max(31_536_000).optional() }).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
})

export interface RunBody extends Omit<z.output<typeof runBodySchema>, 'message'> {
  parts: Part[]
}

export function readRunBody(body: unknown): RunBody {
  const read = runBodySchema.safeParse(body)
  if (!read.success) throw invalidBody(read.error)
  const { message, ...rest } = read.data
  const parts: Part[] = typeof message === 'string' ? [{ type: 'text', text: message }] : message
  limitSize('message', parts, MAX_PARTS_BYTES)
  limitSize('metadata', rest.metadata ?? {}, MAX_METADATA_BYTES)
  return { ...rest, parts }
}

function limitSize(field: string, value: unknown, maxBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= maxBytes) return
  const detail = `${field} has ${bytes} bytes as JSON; at most ${maxBytes} are allowed.`
  throw new Problem(413, `${field}_too_large`, detail)
}
