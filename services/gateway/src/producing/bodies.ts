import { FINISH_REASONS, usageSchema } from '@spool/events'
import { z } from 'zod'
import { readBody } from '../problems/invalid-body.ts'
import { Problem } from '../problems/problem.ts'

/** As JSON: an event has room for twice as much. */
export const MAX_CHUNK_BYTES = 128 * 1024
const MAX_DATA_BYTES = 128 * 1024
const MAX_ERROR_CHARACTERS = 2000

/** What a producer may say of itself; the other reasons are found by Spool. */
const REASONS: ReadonlySet<string> = new Set(
  FINISH_REASONS.slice(0, FINISH_REASONS.indexOf('cancelled') + 1) satisfies readonly string[],
)
const ERROR = /^error: ?(.*)$/s

const whole = (text: string) => text.isWellFormed()
const HALF = { error: 'must not have half a character (a lone surrogate): hold it back until its other half is there' }

/** A producer's message is begun. */
export const beginBodySchema = z.strictObject({
  role: z.literal('assistant'),
  /** What writes it, for those who read it. */
  model: z.string().min(1).max(256).refine(whole, HALF).optional(),
})

export const chunkBodySchema = z.strictObject({
  text: z.string().min(1).refine(whole, HALF),
  /** 1, 2, 3 … Without it: the next. */
  sequence: z.int().min(1).max(Number.MAX_SAFE_INTEGER).optional(),
})

export const finalizeBodySchema = z.strictObject({
  finish_reason: z
    .string()
    .max(MAX_ERROR_CHARACTERS)
    .refine(whole, HALF)
    .refine((reason) => REASONS.has(reason) || (ERROR.exec(reason)?.[1] ?? '').trim() !== '', {
      error: `must be one of ${[...REASONS].map((reason) => `"${reason}"`).join(', ')}, or "error: " and what went wrong`,
    })
    // Both spellings are the same reason.
    .transform((reason) => reason.replace(ERROR, 'error: $1'))
    .default('stop'),
  usage: z.strictObject(usageSchema.shape).optional(),
})

export const customBodySchema = z.strictObject({
  type: z
    .string()
    .max(128)
    .regex(/^custom\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/),
  data: z.unknown().optional(),
})

export type BeginBody = z.output<typeof beginBodySchema>
export type ChunkBody = z.output<typeof chunkBodySchema>
export type FinalizeBody = z.output<typeof finalizeBodySchema>
export type CustomBody = z.output<typeof customBodySchema>

export const readBeginBody = (body: unknown): BeginBody => readBody(beginBodySchema, body)

export function readChunkBody(body: unknown): ChunkBody {
  const chunk = readBody(chunkBodySchema, body)
  limitSize('chunk', chunk.text, MAX_CHUNK_BYTES)
  return chunk
}

/** An empty body will do. */
export const readFinalizeBody = (body: unknown): FinalizeBody => readBody(finalizeBodySchema, body ?? {})

export function readCustomBody(body: unknown): CustomBody {
  const custom = readBody(customBodySchema, body)
  limitSize('data', custom.data ?? null, MAX_DATA_BYTES)
  return custom
}

function limitSize(field: string, value: unknown, maxBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= maxBytes) return
  const detail = `${field} has ${bytes} bytes as JSON; at most ${maxBytes} are allowed. Nothing was stored.`
  throw new Problem(413, `${field}_too_large`, detail)
}
