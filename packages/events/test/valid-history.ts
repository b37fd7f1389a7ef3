import * as fc from 'fast-check'
import {
  allows,
  codePoints,
  draft,
  emptySession,
  fold,
  isOpenMessage,
  type NamedEvent,
  type Placed,
  type SessionState,
} from '../src/index.ts'

// Random logs that writers could have written: at each step one of the events that the state allows.

const at = new Date('2026-11-20T09:50:00.000Z')
const usage = { input_tokens: 3, output_tokens: 2 }
const error = { code: 'some_code', message: 'some text', retryable: false }

/** What could come at nearly any time, and what ends things, comes seldom; else nothing would ever get far. */
const weights: Partial<Record<NamedEvent['type'], number>> = {
  'session.titled': 1,
  'session.summarised': 1,
  'run.status': 1,
  'run.queued': 2,
  'run.cancel_requested': 1,
  'run.cancelled': 1,
  'run.failed': 1,
  'run.completed': 4,
  'message.added': 2,
  'message.requested': 4,
  'plan.proposed': 3,
  'confirmation.requested': 10,
  'tool.called': 18,
  'tool.started': 30,
  'tool.completed': 12,
}

export const validHistory: fc.Arbitrary<Placed[]> = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { minLength: 30, maxLength: 90, size: 'max' })
  .map((choices) => {
    const log: Placed[] = []
    let state = emptySession()
    for (const [ofType, ofEvent] of choices) {
      const byType = Map.groupBy(
        candidates(state).filter((event) => allows(state, event) === null),
        (event) => event.type,
      )
      const types = [...byType.keys()].flatMap((type) => Array<NamedEvent['type']>(weights[type] ?? 6).fill(type))
      const events = byType.get(types[ofType % types.length] ?? 'session.titled') ?? []
      const event = events[ofEvent % events.length]
      if (event === undefined) break
      const placed = { seq: state.seq + 1 + (ofEvent % 3), event }
      log.push(placed)
      state = fold(state, placed)
    }
    return log
  })

/** Whatever might come next in this state, allowed or not: over what is there, and one of each that is new. */
export function candidates(state: SessionState): NamedEvent[] {
  const runs = [...state.runs.map((run) => run.id), ...(state.runs.length < 5 ? [`r${state.runs.length}`] : [])]
  return [
    draft('session.titled', { title: 'A title' }, at),
    ...(state.seq === 0
      ? []
      : [draft('session.summarised', { up_to: `1-${state.seq}`, text: 'Short', messages: 1 }, at)]),
    draft('message.added', { message: `m${state.messages.length}`, role: 'user', parts: [] }, at),
    ...runs.flatMap((run) => ofRun(state, run)),
    ...state.messages.filter(isOpenMessage).flatMap((message) => ofMessage(state, message.run ?? '', message.id)),
  ]
}

function ofRun(state: SessionState, run: string): NamedEvent[] {
  const fresh = `m${state.messages.length}`
  const waiting = `${run}-user`
  const call = state.calls.at(-1)?.id ?? 'c0'
  const confirmation = state.question?.id ?? 'q0'
  const attempt = (state.calls.at(-1)?.attempt ?? 0) + 1
  const memory = state.runs.length % 2 === 0 ? 'on' : 'off'
  const question = {
    run,
    confirmation: `q${state.questions.length}`,
    kind: 'plan' as const,
    round: 1,
    prompt: '',
    tasks: [],
  }
  return [
    draft('run.queued', { run, kind: 'agent', memory, message: waiting, parts: [{ type: 'text', text: 'wait' }] }, at),
    draft('run.started', { run, kind: 'agent', memory, agent: 'demo' }, at),
    ...(state.runs.length % 3 === 2 ? [draft('run.started', { run, kind: 'external' }, at)] : []),
    draft('run.status', { run, phase: 'thinking', text: '…' }, at),
    draft('run.cancel_requested', { run, by: 'u', reason: 'user' }, at),
    draft('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 }, at),
    draft('run.cancelled', { run, by: 'u', reason: 'user' }, at),
    draft('run.failed', { run, error }, at),
    draft('message.added', { run, message: waiting, role: 'user', parts: [{ type: 'text', text: 'hi' }] }, at),
    ...(['answer', 'plan', 'summary', 'title', 'memory'] as const).map((purpose) =>
      draft('message.requested', { run, message: fresh, purpose, model: 'default' }, at),
    ),
    draft(
      'message.started',
      { run, message: fresh, role: 'assistant', purpose: 'answer', provider: 'p', model: 'm' },
      at,
    ),
    draft('plan.proposed', { run, round: 1, tasks: [] }, at),
    draft(
      'confirmation.requested',
      { ...question, hash: 'h', options: [], timeout_seconds: 1, deadline: at.toISOString() },
      at,
    ),
    ...(['confirm', 'modify', 'cancel', 'timeout'] as const).map((action) =>
      draft('confirmation.resolved', { run, confirmation, action, by: 'u', via: 'http' }, at),
    ),
    draft('tool.called', { run, call: `c${state.calls.length}`, name: 'clock', input: {}, repeatable: false }, at),
    draft('tool.started', { run, call, attempt, worker: 'w' }, at),
    draft('tool.progress', { run, call, progress: 0.5 }, at),
    draft('tool.completed', { run, call, output: 'noon', duration_ms: 1 }, at),
    draft('tool.failed', { run, call, error, outcome: 'failed' }, at),
    draft('memory.progress', { run, found: 1 }, at),
    draft('memory.updated', { run, count: 0, memories: [] }, at),
    draft('memory.failed', { run, error }, at),
  ]
}

function ofMessage(state: SessionState, run: string, id: string): NamedEvent[] {
  const message = state.messages.find((other) => other.id === id)
  if (message === undefined) return []
  const generation = { run, message: id, attempt: message.attempt + 1, worker: 'w', provider: 'p', model: 'm' }
  return [
    draft(
      'message.started',
      { run, message: id, role: 'assistant', purpose: message.purpose ?? 'answer', provider: 'p', model: 'm' },
      at,
    ),
    draft('generation.started', { ...generation, reason: 'retry', kept: 0 }, at),
    draft('generation.started', { ...generation, reason: 'takeover', kept: codePoints(message.text) }, at),
    draft('generation.failed', { run, message: id, attempt: message.attempt || 1, error, usage }, at),
    draft('text.delta', { run, message: id, sequence: message.sequences.text + 1, text: 'a🌧' }, at),
    draft('reasoning.delta', { run, message: id, sequence: message.sequences.reasoning + 1, text: 'b' }, at),
    draft('tool.input.delta', { run, message: id, call: 'x0', name: 'clock', text: '{' }, at),
    draft('message.completed', { run, message: id, status: 'complete', reason: 'stop', usage }, at),
    draft('message.completed', { run, message: id, status: 'partial', reason: 'cancelled' }, at),
  ]
}
