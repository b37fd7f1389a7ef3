import { languageTag } from '@spool/config'
import type { PastMessage, RunWish } from '@spool/dialects'
import { type Part, partsSchema } from '@spool/events'
import { z } from 'zod'
import { Problem } from '../problems/problem.ts'
import { readBody } from '../problems/invalid-body.ts'
import { limitEntries } from '../problems/limit-entries.ts'

export const MAX_PARTS_BYTES = 128 * 1024
const MAX_METADATA_BYTES = 16 * 1024

const name = z.string().min(1).max(256)

/** As people write them: zh, zh-CN, zh_CN, pt-BR. */
const languageTagField = z
  .string()
  .refine((tag) => /^[A-Za-z0-9_-]{2,35}$/.test(tag) && languageTag(tag.replaceAll('_', '-')) !== undefined, {
    error: 'must be the tag of a language, such as en, zh-CN or pt-BR',
  })

const metadata = z
  .record(z.string(), z.unknown())
  .refine(({ user }) => user == null || userOf({ user }) !== undefined, {
    path: ['user'],
    error: 'must be a text, or a whole number below 2^53, that names the user',
  })

/** What a client sends to start a run. A field that we do not know is most likely a misspelt one. */
export const runBodySchema = z.strictObject({
  message: z.union([z.string().min(1), partsSchema.min(1)]),
  agent: name.optional(),
  model: name.optional(),
  language: languageTagField.optional(),
  when_busy: z.enum(['enqueue', 'reject', 'interrupt']).default('enqueue'),
  on_disconnect: z.enum(['continue', 'cancel']).default('continue'),
  confirmation: z.strictObject({ timeout_seconds: z.number().positive().max(31_536_000).optional() }).optional(),
  metadata: metadata.optional(),
})

export interface RunBody extends Omit<z.output<typeof runBodySchema>, 'message'> {
  parts: Part[]
  /** Of a new session. Only dialects have the rest. */
  title?: string
  history?: readonly PastMessage[]
  context?: unknown
}

export function readRunBody(body: unknown): RunBody {
  limitEntries(body)
  const { message, ...rest } = readBody(runBodySchema, body)
  const parts: Part[] = typeof message === 'string' ? [{ type: 'text', text: message }] : message
  limitSize('message', parts, MAX_PARTS_BYTES)
  limitSize('metadata', rest.metadata ?? {}, MAX_METADATA_BYTES)
  return { ...rest, parts }
}

/** What a dialect asks for, in our words. */
export function dialectRunBody(wish: RunWish, language: string | undefined, title: string | undefined): RunBody {
  const { history = [], context, ...asked } = wish
  return {
    ...readRunBody({ ...asked, language }),
    ...(title !== undefined && { title }),
    ...(history.length > 0 && { history }),
    ...(context !== undefined && { context }),
  }
}

/**
 * Whose run it is; an empty name is nobody's. Ids of users are often numbers. Beyond what JSON can carry exactly two
 * users could become one, and read each other's memories.
 */
export function userOf(given: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const user = given?.['user']
  return typeof user === 'string' ? user : Number.isSafeInteger(user) ? String(user) : undefined
}

export function limitSize(field: string, value: unknown, maxBytes: number): void {
  const bytes = Buffer.byteLength(JSON.stringify(value))
  if (bytes <= maxBytes) return
  const detail = `${field} has ${bytes} bytes as JSON; at most ${maxBytes} are allowed.`
  throw new Problem(413, `${field}_too_large`, detail)
}
