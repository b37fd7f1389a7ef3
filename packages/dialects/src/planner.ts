import { codePoints, type EventOf, type Language, languageOf, say, type SpoolEvent } from '@spool/events'
import { z } from 'zod'
import type { Dialect, DialectState, Ending, Frame, Opening, PlacedEvent } from './dialect.ts'
import { type PlannerOptions, plannerBody, plannerOptions, plannerWish } from './planner-request.ts'
import { resultOf, shortened } from './planner-results.ts'

type Data = Readonly<Record<string, unknown>>
type Ended = EventOf<'run.completed'> | EventOf<'run.cancelled'> | EventOf<'run.failed'>

interface State extends DialectState {
  readonly session: string
  readonly openedAt: number
  readonly metadata: boolean
  /** As asked for; else the run's. */
  language: Language | undefined
  run: string | null
  /** Of the last event. */
  cursor: string | null
  startedAt: string | null
  answer: { readonly message: string; text: string } | null
  /** Those of the run that have begun, by their ids. */
  readonly calls: Map<string, { readonly name: string; readonly input: unknown; readonly at: string }>
  /** What came of them, for the client to keep and to send along next time. */
  results: Record<string, Data>
  /** How it ended, once it has. */
  end: string | null
}

const HELD = { ms: 200, frames: 32 }

/** Named events around a planning agent: each says of what type it is, when it was and in which session. */
export const planner: Dialect<Parameters<typeof plannerWish>[0], PlannerOptions, State> = {
  name: 'planner',
  summary: 'Planner',
  path: '/api/chat/agent',
  body: plannerBody,
  views: [{ path: '/api/status', summary: 'How Spool does', query: z.object({}), of: 'status', tell: statusOf }],

  wish: plannerWish,
  options: plannerOptions,

  open({ session, options, language, openedAt }: Opening<PlannerOptions>) {
    const state: State = {
      session,
      openedAt,
      metadata: options.metadata,
      variant: options.metadata ? 'metadata' : '',
      language,
      run: null,
      cursor: null,
      startedAt: null,
      answer: null,
      calls: new Map(),
      results: {},
      end: null,
    }
    return { state, frames: [ours(state, 'connection', { status: 'connected' }, openedAt)] }
  },

  wants: (event) =>
    event.type === 'artifact.created' && event.kind === 'design_document' && event.content === undefined
      ? event.blob
      : undefined,

  encode(placed, state) {
    const { event, cursor } = placed
    if (event.run !== undefined) state.run = event.run
    state.cursor = cursor
    return told(placed, state).map(([name, data]) => ({
      event: name,
      data: {
        event_type: name,
        timestamp: event.at ?? new Date(state.openedAt).toISOString(),
        session_id: state.session,
        data,
        ...(state.metadata && { metadata: { event_id: placed.id, run: event.run ?? null, cursor } }),
      },
    }))
  },

  close(ending, state, sent) {
    const last = lastWords(ending, state)
    const frames = last.error === undefined ? [] : [ours(state, 'error', last.error, state.openedAt + sent.ms)]
    const at = state.openedAt + sent.ms
    const statistics = {
      events_sent: sent.frames + frames.length,
      bytes_sent: sent.bytes,
      duration: sent.ms / 1000,
    }
    return [...frames, ours(state, 'complete', statistics, at), ours(state, 'close', { reason: last.reason }, at)]
  },

  beat: (state, now) => [ours(state, 'heartbeat', {}, now.getTime())],
  beatMs: ({ heartbeatSeconds }) => heartbeatSeconds * 1000,
  hold: ({ buffered }) => (buffered ? HELD : undefined),
}

/** As the planner's front ends know it. */
function statusOf(found: Data): Data {
  const { version, status: readiness, started_at, followed_sessions, open_streams, streams_opened } = found
  return {
    version,
    status: readiness,
    started_at,
    sessions: followed_sessions,
    open_streams,
    counters: { streams_opened },
    dependencies: found['checks'],
    models: found['models'],
  }
}

/** A frame of no event. */
function ours(state: State, name: string, data: Data, at: number): Frame {
  const { session, metadata, run, cursor } = state
  return {
    event: name,
    data: {
      event_type: name,
      timestamp: new Date(at).toISOString(),
      session_id: session,
      data,
      ...(metadata && { metadata: { event_id: null, run, cursor } }),
    },
  }
}

/** Names and contents of the frames of an event. */
function told({ event, blob }: PlacedEvent, state: State): readonly (readonly [string, unknown])[] {
  switch (event.type) {
    case 'run.queued':
      return [status(say(languageIn(state, event.language), 'planner.queued'), 'queued')]
    case 'run.started':
      state.language = languageIn(state, event.language)
      state.startedAt = event.at
      return [['conversation_start', { run: event.run, language: state.language }]]
    case 'run.status':
      return [status(event.text, event.phase)]
    case 'message.started':
      if (event.purpose !== 'answer') return []
      state.answer = { message: event.message, text: '' }
      return [['assistant_message_start', { message_id: event.message }]]
    case 'generation.started': {
      const { answer } = state
      // The text begins anew, and so does the message.
      if (answer?.message !== event.message || event.kept >= codePoints(answer.text)) return []
      answer.text = [...answer.text].slice(0, event.kept).join('')
      return [['assistant_message_start', { message_id: event.message }], ...again(answer)]
    }
    case 'text.delta':
      if (state.answer?.message !== event.message) return []
      state.answer.text += event.text
      return [['assistant_message_chunk', { message_id: event.message, content: event.text }]]
    case 'message.completed': {
      const { answer } = state
      if (answer?.message !== event.message) return []
      state.answer = null
      const whole = { complete_message: answer.text, partial: event.status === 'partial' }
      return [['assistant_message_end', { message_id: event.message, ...whole }]]
    }
    case 'tool.called':
    case 'tool.progress':
    case 'tool.completed':
    case 'tool.failed':
      return ofTool(event, state)
    case 'confirmation.requested':
    case 'confirmation.resolved':
      return [ofQuestion(event, state)]
    case 'artifact.created':
      return ofArtifact(event, blob, state)
    case 'run.completed':
    case 'run.cancelled':
    case 'run.failed':
      return ofEnd(event, state)
    case 'session.erased':
      state.end = 'session_erased'
      return [['error', { error_message: say(state.language, 'refusal.session_erased'), code: 'session_erased' }]]
    default:
      return isCustom(event) ? [[event.type, event.data ?? null]] : []
  }
}

/** All is kept or nothing; where a writer kept a part, it is told in one piece. */
function again({ message, text }: NonNullable<State['answer']>): readonly (readonly [string, Data])[] {
  return text === '' ? [] : [['assistant_message_chunk', { message_id: message, content: text }]]
}

function status(status_message: string, phase: string): readonly [string, Data] {
  return ['processing_status', { status_message, phase }]
}

type OfTool = EventOf<'tool.called'> | EventOf<'tool.progress'> | EventOf<'tool.completed'> | EventOf<'tool.failed'>

function ofTool(event: OfTool, state: State): readonly (readonly [string, Data])[] {
  if (event.type === 'tool.called') state.calls.set(event.call, { name: event.name, input: event.input, at: event.at })
  const call = state.calls.get(event.call)
  if (call === undefined) return []
  const about = { tool_name: call.name, call_id: event.call }
  const args = { arguments: call.input }
  switch (event.type) {
    case 'tool.called':
      return [['tool_call_start', { ...about, status: 'started', ...args }]]
    case 'tool.progress': {
      const { text = null, progress = null } = event
      return [['tool_call_progress', { ...about, status: 'progress', ...args, progress_message: text, progress }]]
    }
    default: {
      const end = resultOf(event, call.at, state.session)
      state.results[event.call] = { tool_name: call.name, ...shortened(end) }
      state.calls.delete(event.call)
      const { status: how, ...came } = end
      return [['tool_call_end', { ...about, status: how, ...args, ...came }]]
    }
  }
}

type OfQuestion = EventOf<'confirmation.requested'> | EventOf<'confirmation.resolved'>

/** Answered by the native API; how it was answered is told, so that nobody is asked any more. */
function ofQuestion(event: OfQuestion, { language, session }: State): readonly [string, Data] {
  const { confirmation } = event
  if (event.type === 'confirmation.resolved') {
    const { action, by } = event
    const [name, data] = status(say(language, `action.${action}`), 'confirmation_resolved')
    return [name, { ...data, resolution: { confirmation, action, message: event.message ?? null, by } }]
  }
  const { kind, round, prompt, tasks, hash, options, timeout_seconds, deadline } = event
  const [name, data] = status(prompt, 'awaiting_confirmation')
  const answer = `/v1/sessions/${session}/confirmations/${confirmation}`
  return [
    name,
    { ...data, question: { confirmation, kind, round, tasks, hash, options, timeout_seconds, deadline, answer } },
  ]
}

function ofArtifact(
  event: EventOf<'artifact.created'>,
  blob: string | null | undefined,
  { session }: State,
): readonly (readonly [string, Data])[] {
  if (event.kind !== 'design_document') return []
  const { filename, title, media_type } = event
  const link = event.blob === undefined ? {} : { content_url: `/v1/sessions/${session}/blobs/${event.blob}` }
  return [
    ['design_document_generated', { filename, content: event.content ?? blob ?? null, title, media_type, ...link }],
  ]
}

function ofEnd(event: Ended, state: State): readonly (readonly [string, Data])[] {
  const how = event.type === 'run.completed' ? event.status : event.type === 'run.failed' ? 'failed' : 'cancelled'
  state.end = how
  const ms =
    event.type === 'run.completed'
      ? event.duration_ms
      : Math.max(0, Date.parse(event.at) - Date.parse(state.startedAt ?? event.at))
  const end = { execution_time: ms / 1000, tool_execution_results_updates: state.results, status: how }
  state.results = {}
  state.calls.clear()
  switch (event.type) {
    case 'run.completed':
      return [['conversation_end', { ...end, ...(event.limit !== undefined && { limit: event.limit }) }]]
    case 'run.cancelled':
      return [['conversation_end', { ...end, reason: event.reason }]]
    case 'run.failed': {
      const { code, message: error_message } = event.error
      return [
        ['error', { error_message, code }],
        ['conversation_end', end],
      ]
    }
  }
}

/** Why the stream ends, and what is wrong where nothing has said so yet. */
function lastWords(ending: Ending, { end, language }: State): { reason: string; error?: Data } {
  if (ending === 'finished' && end !== null) return { reason: end }
  const code = ending === 'finished' ? 'not_answered' : ending
  return { reason: code, error: { error_message: say(language, `planner.${code}`), code } }
}

function languageIn(state: State, ofRun: string | undefined): Language {
  return state.language ?? languageOf(ofRun)
}

function isCustom(event: SpoolEvent): event is EventOf<`custom.${string}`> {
  return event.type.startsWith('custom.')
}
