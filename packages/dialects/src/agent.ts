import { z } from 'zod'
import { type AnswerState, beginAnswer, cancelledText, hear, unfinished } from './answer-text.ts'
import { commonFields, present, sessionId } from './common-fields.ts'
import { DialectRefusal } from './dialect-refusal.ts'
import type { Dialect, Frame, Outcome, PlacedEvent } from './dialect.ts'

const body = z.object({
  message: z.string().min(1),
  /** `false`: one JSON message. */
  stream: z.boolean().nullish(),
  session_id: sessionId,
  user_id: z.union([z.string().max(256), z.int()]).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  ...commonFields,
})

interface State extends AnswerState {
  /** Calls under way: what all of their frames repeat. */
  readonly calls: Map<string, { readonly tool_name: string; readonly arguments: unknown }>
}

interface Chunk extends Record<string, unknown> {
  readonly chunk_type: 'start' | 'content' | 'tool_call' | 'memory_update' | 'done' | 'error'
  readonly content: string | null
  readonly tool_call: Readonly<Record<string, unknown>> | null
  readonly memories_count: number | null
}

const LONGEST_NAME = 256

/** Agent with memory: each frame has all four fields, and `done` comes when all that is remembered was told. */
export const agent: Dialect<z.output<typeof body>, null, State> = {
  name: 'agent',
  summary: 'Agent with memory',
  path: '/api/v1/agents/:agent_id/chat/stream',
  body,
  alwaysNeedsKey: true,
  statuses: { unknown_agent: 404 },
  maxStreamMs: 30 * 60_000,

  agent: ({ agent_id }) => agent_id,

  wish({ message, stream, session_id, user_id, metadata, ...common }, path) {
    const { language, ...rest } = present(common)
    const agent_id = path['agent_id'] ?? ''
    if (agent_id === '' || agent_id.length > LONGEST_NAME) {
      throw new DialectRefusal(
        404,
        'unknown_agent',
        'There is no agent of that name. GET /v1/agents lists those there are.',
      )
    }
    const about = { ...metadata, ...(user_id != null && { user: user_id }) }
    return {
      kind: 'run',
      answer: stream === false ? 'whole' : 'stream',
      options: null,
      session: session_id ?? undefined,
      language,
      run: { message, ...rest, agent: agent_id, ...(Object.keys(about).length > 0 && { metadata: about }) },
    }
  },

  options: () => null,

  open: (opening) => ({ state: { ...beginAnswer(opening), calls: new Map() }, frames: [frame('start')] }),

  encode(placed, state) {
    const heard = hear(placed, state)
    if (heard === null) return besideText(placed, state)
    if ('text' in heard) return [frame('content', { content: heard.text })]
    state.over = true
    return [frame('error', { content: heard.error })]
  },

  close(ending, state) {
    const error = unfinished(ending, state)
    return [error === null ? frame('done') : frame('error', { content: error })]
  },

  beat: () => ': keep-alive\n\n',

  tell,
}

function chunk(chunk_type: Chunk['chunk_type'], fields: Partial<Chunk> = {}): Chunk {
  return { chunk_type, content: null, tool_call: null, memories_count: null, ...fields }
}

function frame(...args: Parameters<typeof chunk>): Frame {
  return { data: chunk(...args) }
}

/** Of tools and memories. Who is asked something is not told here: whoever asks has nowhere to say what they want. */
function besideText({ event }: PlacedEvent, state: State): readonly Frame[] {
  switch (event.type) {
    case 'tool.called':
      state.calls.set(event.call, { tool_name: event.name, arguments: event.input ?? null })
      return [toolFrame(state, event.call, 'started', null)]
    case 'tool.progress':
      return [toolFrame(state, event.call, 'progress', { progress: event.progress ?? null, text: event.text ?? null })]
    case 'tool.completed': {
      const { call, output = null, blob } = event
      const url = `/v1/sessions/${state.session}/blobs/${blob}`
      return [ended(state, call, 'completed', blob === undefined ? output : { beginning: output, url })]
    }
    case 'tool.failed':
      return [ended(state, event.call, 'failed', event.error.message)]
    case 'memory.progress':
      return [frame('memory_update', { memories_count: event.found })]
    case 'memory.updated':
      return event.memories.map(({ text }) => frame('memory_update', { content: text, memories_count: event.count }))
    default:
      return []
  }
}

function toolFrame(state: State, call: string, status: string, result: unknown): Frame {
  const { tool_name = null, arguments: given = null } = state.calls.get(call) ?? {}
  return frame('tool_call', { tool_call: { tool_name, status, arguments: given, result, call_id: call } })
}

function ended(state: State, call: string, status: string, result: unknown): Frame {
  const told = toolFrame(state, call, status, result)
  state.calls.delete(call)
  return told
}

/** One message in place of a stream, in the same words. */
function tell({ session, status, message, error, reason, language }: Outcome) {
  const about = { session_id: session, message_id: message?.['id'] ?? null }
  if (status === 'done' || status === 'limit') {
    const content = String(message?.['text'] ?? '')
    return { status: 200, body: { ...chunk('content', { content }), ...about } }
  }
  const detail = error?.message ?? cancelledText(language, reason)
  const code = error?.code ?? `run_${status}`
  return {
    status: status === 'failed' ? 502 : 409,
    body: { ...chunk('error', { content: detail }), ...about, detail, code },
  }
}
