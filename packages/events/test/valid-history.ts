import * as fc from 'fast-check'
import { expect } from 'vitest'
import {
  allows,
  codePoints,
  emptySession,
  fold,
  isOpenMessage,
  schemaOf,
  type EventFields,
  type EventOf,
  type NamedEvent,
  type NamedType,
  type Placed,
  type SessionState,
} from '../src/index.ts'

// Random logs that writers could have written: at each step one of the events that the state allows.

const at = '2026-11-20T09:50:00.000Z'
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
      expect(schemaOf(event.type)?.safeParse(event).success).toBe(true)
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
    made('session.titled', { title: 'A title' }),
    ...(state.seq === 0 ? [] : [made('session.summarised', { up_to: `1-${state.seq}`, text: 'Short', messages: 1 })]),
    made('message.added', { message: `m${state.messages.length}`, role: 'user', parts: [] }),
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
    made('run.queued', { run, kind: 'agent', memory, message: waiting, parts: [{ type: 'text', text: 'wait' }] }),
    made('run.started', { run, kind: 'agent', memory, agent: 'demo' }),
    ...(state.runs.length % 3 === 2 ? [made('run.started', { run, kind: 'external' })] : []),
    made('run.status', { run, phase: 'thinking', text: '…' }),
    made('run.cancel_requested', { run, by: 'u', reason: 'user' }),
    made('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 }),
    made('run.cancelled', { run, by: 'u', reason: 'user' }),
    made('run.failed', { run, error }),
    made('message.added', { run, message: waiting, role: 'user', parts: [{ type: 'text', text: 'hi' }] }),
    ...(['answer', 'plan', 'summary', 'title', 'memory'] as const).map((purpose) =>
      made('message.requested', { run, message: fresh, purpose, model: 'default' }),
    ),
    made('message.started', { run, message: fresh, role: 'assistant', purpose: 'answer', provider: 'p', model: 'm' }),
    made('plan.proposed', { run, round: 1, tasks: [] }),
    made('confirmation.requested', { ...question, hash: 'h', options: [], timeout_seconds: 1, deadline: at }),
    ...(['confirm', 'modify', 'cancel', 'timeout'] as const).map((action) =>
      made('confirmation.resolved', { run, confirmation, action, by: 'u', via: 'http' }),
    ),
    made('tool.called', { run, call: `c${state.calls.length}`, name: 'clock', input: {}, repeatable: false }),
    made('tool.started', { run, call, attempt, worker: 'w' }),
    made('tool.progress', { run, call, progress: 0.5 }),
    made('tool.completed', { run, call, output: 'noon', duration_ms: 1 }),
    made('tool.failed', { run, call, error, outcome: 'failed' }),
    made('memory.progress', { run, found: 1 }),
    made('memory.updated', { run, count: 0, memories: [] }),
    made('memory.failed', { run, error }),
  ]
}

function ofMessage(state: SessionState, run: string, id: string): NamedEvent[] {
  const message = state.messages.find((other) => other.id === id)
  if (message === undefined) return []
  const generation = { run, message: id, attempt: message.attempt + 1, worker: 'w', provider: 'p', model: 'm' }
  return [
    made('message.started', {
      run,
      message: id,
      role: 'assistant',
      purpose: message.purpose ?? 'answer',
      provider: 'p',
      model: 'm',
    }),
    made('generation.started', { ...generation, reason: 'retry', kept: 0 }),
    made('generation.started', { ...generation, reason: 'takeover', kept: codePoints(message.text) }),
    made('generation.failed', { run, message: id, attempt: message.attempt || 1, error, usage }),
    made('text.delta', { run, message: id, sequence: message.sequences.text + 1, text: 'a🌧' }),
    made('reasoning.delta', { run, message: id, sequence: message.sequences.reasoning + 1, text: 'b' }),
    made('tool.input.delta', { run, message: id, call: 'x0', name: 'clock', text: '{' }),
    made('message.completed', { run, message: id, status: 'complete', reason: 'stop', usage }),
    made('message.completed', { run, message: id, status: 'partial', reason: 'cancelled' }),
  ]
}

/** Like `draft`, but only the event that is chosen of some hundred is checked. */
function made<Type extends NamedType>(type: Type, fields: EventFields<Type>): EventOf<Type> {
  return { v: 1, type, at, ...fields } as unknown as EventOf<Type>
}
