import { codePoints, type EventOf, onOneLine, PROPOSE_PLAN, say, shown, type Task, type TextKey } from '@spool/events'
import { z } from 'zod'
import { commonFields, present, sessionId } from './common-fields.ts'
import { DialectRefusal } from './dialect-refusal.ts'
import type { Dialect, DialectState, Ending, Frame, Wish } from './dialect.ts'

const body = z.object({
  message: z.string().min(1),
  session_id: sessionId,
  ...commonFields,
})

type Body = z.output<typeof body>

interface State extends DialectState {
  readonly session: string
  language: string | undefined
  readonly asked: string | undefined
  /** From the first thing that is done, until it is planned anew. */
  acting: boolean
  /** The message whose text is shown, once it is known. */
  answer: string | null
  /** Of it, and of those before it: code points that were sent and still count. */
  sent: number
  sentBefore: number
  readonly tools: Map<string, string>
}

/** Everything over one endpoint: what an agent does, what it asks, and what the person answers. */
export const confirmation: Dialect<Body, null, State> = {
  name: 'confirmation',
  summary: 'Confirmation over one chat endpoint',
  path: '/api/v1/chat/stream',
  body,

  wish(asked) {
    return answerIn(asked) ?? runOf(asked)
  },

  options: () => null,

  open: ({ session, language }) => ({
    state: {
      session,
      language,
      asked: language,
      acting: false,
      answer: null,
      sent: 0,
      sentBefore: 0,
      tools: new Map(),
    },
    frames: [],
  }),

  encode({ event }, state) {
    switch (event.type) {
      case 'run.queued':
        state.language = state.asked ?? event.language
        return []
      case 'run.started':
        state.language = state.asked ?? event.language
        return [frame(state, 'task_init', text(state, 'confirmation.began'))]
      case 'run.status':
        if (event.phase === 'acting') state.acting = true
        if (event.phase === 'planning') state.acting = false
        return [
          event.phase === 'acting'
            ? frame(state, 'status_update', text(state, 'confirmation.acting'))
            : frame(state, state.acting ? 'status_update' : 'status', event.text),
        ]
      case 'message.started':
        if (event.purpose === 'answer') {
          state.answer = event.message
          state.sentBefore += state.sent
          state.sent = 0
        }
        return []
      case 'generation.started':
        return event.message === state.answer ? begunAnew(state, event.kept) : []
      case 'text.delta':
        if (event.message !== state.answer) return []
        state.sent += codePoints(event.text)
        return [frame(state, 'content', event.text)]
      case 'tool.called':
        if (event.name !== PROPOSE_PLAN) state.tools.set(event.call, event.name)
        return []
      case 'tool.started':
      case 'tool.progress':
        return toolAtWork(state, event)
      case 'tool.completed':
      case 'tool.failed':
        return toolEnded(state, event)
      case 'confirmation.requested':
        return [question(state, event)]
      case 'run.completed':
        return over(state, event.status === 'limit' ? atLimit(state, event.limit) : completion(state))
      case 'run.cancelled':
        return over(state, cancelled(state, event.reason))
      case 'run.failed':
        return over(state, failure(state, event.error.message, { code: event.error.code }))
      case 'session.erased':
        return over(state, failure(state, text(state, 'refusal.session_erased')))
      default:
        return []
    }
  },

  /** Only where the run's own end was not sent. */
  close: (ending, state) => [failure(state, text(state, LAST_WORDS[ending]))],
}

const LAST_WORDS = {
  finished: 'confirmation.not_taken',
  time_limit: 'confirmation.stream_time_limit',
  reset: 'confirmation.reload',
} as const satisfies Record<Ending, TextKey>

function runOf({ message, session_id, ...common }: Body): Wish<null> {
  const { language, ...rest } = present(common)
  return {
    kind: 'run',
    answer: 'stream',
    options: null,
    session: session_id ?? undefined,
    language,
    run: { message, ...rest },
  }
}

/** Whatever only begins like an answer is a message. */
const ANSWER = /^\s*CONFIRM_ACTION\s*(?::([^]*))?$/

function answerIn({ message, session_id, language }: Body): Wish<null> | null {
  const answer = ANSWER.exec(message)
  if (answer === null) return null
  const [, action, changes] = /^\s*(\w*)\s*(?::([^]*))?$/.exec(answer[1] ?? '') ?? []
  if (action === 'modify') {
    if (changes === undefined || changes.trim() === '') {
      throw new DialectRefusal(400, 'confirmation_needs_text', say(language, 'confirmation.needs_text'))
    }
  } else if ((action !== 'confirm' && action !== 'cancel') || changes !== undefined) {
    // Also a yes with a "but": nobody shall be taken at half their word.
    throw new DialectRefusal(400, 'invalid_body', say(language, 'confirmation.unknown_action'))
  }
  return {
    kind: 'answer',
    options: null,
    session: session_id ?? undefined,
    language: language ?? undefined,
    action,
    ...(changes !== undefined && { message: changes.trim() }),
    told: (outcome, about) => {
      if (outcome === 'nothing_waits') return [failure(about, text(about, 'confirmation.nothing_waits'))]
      const [type, key] =
        outcome === 'accepted'
          ? (['confirmation_received', 'confirmation.received'] as const)
          : (['status', 'confirmation.pending'] as const)
      return [frame(about, type, text(about, key), { finished: true, metadata: { action } })]
    },
  }
}

interface About {
  readonly session: string
  readonly language: string | undefined
}

interface Fields {
  finished?: boolean
  metadata?: object
  confirmation_data?: object
  requires_response?: boolean
  stream_paused?: boolean
}

function frame({ session }: About, chunk_type: string, chunk: string, fields: Fields = {}): Frame {
  return {
    data: {
      chunk,
      session_id: session,
      finished: false,
      chunk_type,
      metadata: {},
      confirmation_data: null,
      requires_response: false,
      stream_paused: false,
      ...fields,
    },
  }
}

function text({ language }: About, key: TextKey, values?: Record<string, string | number>): string {
  return say(language, key, values)
}

function over(state: State, last: Frame): readonly Frame[] {
  state.over = true
  return [last]
}

function completion(about: About): Frame {
  return frame(about, 'completion', text(about, 'confirmation.completed'), { finished: true })
}

/** What was done until then is kept. */
function atLimit(about: About, limit: string | undefined): Frame {
  const metadata = { status: 'limit', limit: limit ?? null }
  return frame(about, 'completion', text(about, 'confirmation.limit'), { finished: true, metadata })
}

function cancelled(about: About, reason: string): Frame {
  if (reason === 'confirmation_timeout') return failure(about, text(about, 'confirmation.timed_out'))
  const isOfTime = reason === 'time_limit'
  const chunk = text(about, isOfTime ? 'confirmation.limit' : 'confirmation.cancelled')
  const metadata = { status: 'cancelled', ...(isOfTime && { limit: 'time' }) }
  return frame(about, 'completion', chunk, { finished: true, metadata })
}

function failure(about: About, chunk: string, metadata: object = {}): Frame {
  return frame(about, 'error', chunk, { finished: true, metadata })
}

/** `kept` is of the message; the client is told how much stays of all the `content` that it has. */
function begunAnew(state: State, kept: number): readonly Frame[] {
  if (kept >= state.sent) return []
  state.sent = kept
  const metadata = { reset: true, kept: state.sentBefore + kept }
  return [frame(state, 'status', text(state, 'confirmation.began_anew'), { metadata })]
}

function toolAtWork(state: State, event: EventOf<'tool.started' | 'tool.progress'>): readonly Frame[] {
  const { call } = event
  const tool = state.tools.get(call)
  if (tool === undefined) return []
  const progress = event.type === 'tool.started' ? 0 : (event.progress ?? null)
  const said = event.type === 'tool.progress' ? event.text : undefined
  const chunk =
    said ??
    (progress === null || event.type === 'tool.started'
      ? text(state, 'confirmation.tool', { tool })
      : text(state, 'confirmation.progress', { tool, percent: Math.round(progress * 100) }))
  return [frame(state, 'status_update', chunk, { metadata: { call, name: tool, progress } })]
}

function toolEnded(state: State, event: EventOf<'tool.completed' | 'tool.failed'>): readonly Frame[] {
  const { call } = event
  const name = state.tools.get(call)
  if (name === undefined) return []
  if (event.type === 'tool.failed') {
    return [frame(state, 'tool_output', event.error.message, { metadata: { call, name, ok: false } })]
  }
  const output = inText(event.output)
  if (event.blob === undefined) return [frame(state, 'tool_output', output, { metadata: { call, name, ok: true } })]
  const link = `/v1/sessions/${state.session}/blobs/${event.blob}`
  const chunk = `${output}…\n${text(state, 'confirmation.whole_output', { link })}`
  return [frame(state, 'tool_output', chunk, { metadata: { call, name, ok: true, link } })]
}

function inText(output: unknown): string {
  return typeof output === 'string' ? output : (JSON.stringify(output) ?? '')
}

function question(state: State, asked: EventOf<'confirmation.requested'>): Frame {
  const { options, timeout_seconds, round, deadline } = asked
  const tasks = asked.tasks.map((task) => ({
    index: task.index,
    description: whatIsDone(task),
    tool: task.tool ?? null,
  }))
  const list = tasks.map(({ index, description }) => `${index}. ${description}`).join('\n')
  return frame(
    state,
    'confirmation_request',
    text(state, 'confirmation.question', { count: tasks.length, tasks: list }),
    {
      requires_response: true,
      stream_paused: true,
      confirmation_data: { tasks, options, timeout_seconds, confirmation_round: round },
      metadata: { confirmation: asked.confirmation, deadline },
    },
  )
}

/** In UTF-16 units; of what is longer the beginning and the end. */
const MOST_OF_A_TASK = 1000

/** With exactly what it does: the description is the model's word for it, and could say anything. */
function whatIsDone({ description, tool, input }: Task): string {
  const said = shown(onOneLine(description), MOST_OF_A_TASK)
  if (tool === undefined) return said
  return `${said} (${tool} ${shown(JSON.stringify(input ?? {}), MOST_OF_A_TASK)})`
}
