import { z } from 'zod'
import type { Operation } from '../describing/operation.ts'
import { IDEMPOTENCY_KEY } from '../describing/parameters.ts'
import { count, cursor, identifier, instant, nullable } from '../describing/scalars.ts'
import { component } from '../describing/schemas.ts'
import { beginBodySchema, chunkBodySchema, customBodySchema, finalizeBodySchema } from './bodies.ts'

const group = 'Producing'
const headers = ['x-spool-session', 'x-spool-run']
const ofProduced = {
  404: ['message_not_found', 'session_not_found'],
  409: ['message_not_produced', 'message_closed'],
  410: ['session_erased'],
}

export const beginMessage: Operation = {
  id: 'beginMessage',
  group,
  summary: 'Begin a message that a program writes itself',
  description: 'The session is busy while it is open. After 60 s without a call it ends as partial, `producer_silent`.',
  headers: [IDEMPOTENCY_KEY],
  body: { schema: component('BeginRequest', beginBodySchema), example: { role: 'assistant', model: 'my-model' } },
  answers: {
    201: {
      description: 'It is open.',
      json: z.object({ session: identifier, run: identifier, message: identifier, cursor }),
      headers: [...headers, 'location'],
    },
  },
  problems: {
    400: ['invalid_idempotency_key'],
    409: ['session_busy', 'message_closed'],
    410: ['session_erased'],
    422: ['idempotency_key_reused'],
    429: ['too_many_runs'],
    503: ['log_full'],
  },
}

export const appendChunk: Operation = {
  id: 'appendChunk',
  group,
  summary: 'Append a piece of text',
  description: 'The same sequence with the same text again: the same answer.',
  body: { schema: component('ChunkRequest', chunkBodySchema), example: { text: 'Once upon a time', sequence: 1 } },
  answers: { 200: { description: 'It is stored.', json: z.object({ sequence: z.int().min(1) }), headers } },
  problems: {
    ...ofProduced,
    409: [...ofProduced[409], 'chunk_conflict'],
    413: ['chunk_too_large', 'message_too_large'],
    503: ['log_full'],
  },
}

export const finalizeMessage: Operation = {
  id: 'finalizeMessage',
  group,
  summary: 'Complete a message',
  description: 'Again with the same body: the same answer. An error is a finish reason: `error: …`.',
  body: {
    schema: component('FinalizeRequest', finalizeBodySchema),
    optional: true,
    example: { finish_reason: 'stop', usage: { input_tokens: 12, output_tokens: 99 } },
  },
  answers: {
    200: {
      description: 'It is complete, or partial.',
      json: z.object({
        session: identifier,
        run: identifier,
        message: identifier,
        status: z.enum(['complete', 'partial']),
        finish_reason: z.string(),
        cursor,
      }),
      headers,
    },
  },
  problems: { ...ofProduced, 503: ['log_full'] },
}

export const emitCustom: Operation = {
  id: 'emitCustom',
  group,
  summary: 'Say something of your own beside the text',
  body: {
    schema: component('CustomRequest', customBodySchema),
    example: { type: 'custom.weather.seen', data: { city: 'Paris', degrees: 21 } },
  },
  answers: { 201: { description: 'It is stored.', json: z.object({ cursor }), headers } },
  problems: { ...ofProduced, 413: ['data_too_large'], 503: ['log_full'] },
}

const chunk = z.object({
  sequence: z.int().min(1),
  text: z.string(),
  at: instant,
  interval_ms: nullable(z.number()).describe('Since the chunk before it; null for the first of what stands.'),
})

export const pullChunks: Operation = {
  id: 'pullChunks',
  group: 'Producing',
  summary: 'A message in pieces, of any age',
  query: {
    after: z
      .string()
      .regex(/^\d{1,15}$/)
      .optional()
      .describe('The last chunk that the client holds; 0: all.'),
  },
  answers: {
    200: {
      description: 'The chunks of what stands now.',
      json: z.object({
        message: identifier,
        chunks: z.array(chunk),
        current_sequence: count,
        attempt: count,
        finished: z.boolean(),
        more: z.boolean().describe('Pull again, after the last of these.'),
      }),
      headers,
    },
  },
  problems: { 404: ['session_not_found', 'message_not_found'], 410: ['session_erased'] },
}
