import { say } from '@spool/events'
import { z } from 'zod'
import { type AnswerState, beginAnswer, cancelledText, hear, unfinished } from './answer-text.ts'
import { commonFields, present, sessionId } from './common-fields.ts'
import type { Dialect, MessageContext, Outcome, RawMessage, ShownMessage, View } from './dialect.ts'

const body = z.object({
  message: z.string().min(1),
  session_id: sessionId,
  config_id: z.string().min(1).max(256).nullish(),
  ...commonFields,
})

const query = z.object({
  limit: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, { error: 'must be a whole number from 1 on' })
    .transform(Number)
    .optional(),
  raw: z
    .enum(['true', 'false', '1', '0'], { error: 'must be true or false' })
    .transform((raw) => raw === 'true' || raw === '1')
    .optional(),
})

const messages: View = {
  path: '/sessions/:session/messages',
  summary: 'The messages of a session',
  query,
  of: 'messages',
  tell: messageOf,
}

/** Chat with `[DONE]`: pieces of text, and a word at the end that says that all of it is there, and stored. */
export const chat: Dialect<z.output<typeof body>, null, AnswerState> = {
  name: 'chat',
  summary: 'Chat with [DONE]',
  path: '/chat/stream',
  wholePath: '/chat',
  body,
  endsWhenStored: true,
  views: [messages],

  wish({ message, session_id, config_id, ...common }) {
    const { language, ...rest } = present({ ...common, ...(config_id != null && { agent: config_id }) })
    return {
      kind: 'run',
      answer: 'stream',
      options: null,
      session: session_id ?? undefined,
      language,
      run: { message, ...rest },
    }
  },

  options: () => null,

  open: (opening) => ({ state: beginAnswer(opening), frames: [] }),

  encode(placed, state) {
    const heard = hear(placed, state)
    // What is remembered of it afterwards is not told here, and not waited for.
    state.done = state.succeeded
    if (heard === null) return []
    if ('text' in heard) return [{ data: { content: heard.text } }]
    state.over = true
    return [{ data: { error: heard.error } }]
  },

  close(ending, state) {
    const error = unfinished(ending, state)
    return [{ data: error === null ? '[DONE]' : { error } }]
  },

  tell,
}

/** A model that does not answer is a server behind this one. */
const STATUS = { done: 200, limit: 200, cancelled: 409, failed: 502 } as const

function tell({ session, status, message, error, reason, language }: Outcome) {
  const told = { session_id: session, message: String(message?.['text'] ?? '') }
  if (status === 'done' || status === 'limit') return { status: STATUS[status], body: told }
  const detail = error?.message ?? cancelledText(language, reason)
  const code = error?.code ?? `run_${status}`
  return { status: STATUS[status], body: { ...told, error: detail, detail, code } }
}

/** What is still being written is not there yet, and what broke off before its first word never was. */
function messageOf(message: ShownMessage, { session, language, raw }: MessageContext) {
  const { id, role, status, reason, text, created_at: timestamp } = message
  if (status === 'streaming' || (role === 'assistant' && text === '')) return undefined
  const isPartial = status === 'partial'
  return {
    id,
    session_id: session,
    role,
    content: isPartial ? `${text}\n\n${say(language, 'chat.interrupted')}` : text,
    timestamp,
    metadata: isPartial ? partialMetadata(message) : {},
    ...(raw !== undefined && { raw_request: requestOf(raw), raw_response: responseOf(raw) }),
  }
  function partialMetadata({ streaming }: ShownMessage) {
    const isError = reason?.startsWith('error: ') === true || FAILURES.has(reason ?? '')
    return {
      partial: true,
      ...(isError ? { error: reason?.replace(/^error: /, '') } : { reason }),
      timestamp: streaming.completed_at ?? timestamp,
    }
  }
}

/** Reasons of Spool's that are nobody's will. */
const FAILURES: ReadonlySet<string> = new Set(['provider_failed', 'server_crashed', 'producer_silent'])

function requestOf(raw: RawMessage | null) {
  if (raw === null) return null
  const { model, messages: sent, temperature, max_tokens, stream } = raw.request
  return { model, messages: sent, temperature, max_tokens, stream }
}

function responseOf(raw: RawMessage | null) {
  if (raw?.response == null) return null
  const { content, chunks, model, finish_reason, timestamp } = raw.response
  return { content, chunks, model, finish_reason, timestamp }
}
