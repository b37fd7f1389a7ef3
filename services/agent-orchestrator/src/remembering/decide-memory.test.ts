import { type EventFields, type EventType, type SpoolEvent, allows, draft, emptySession, fold } from '@spool/events'
import { expect, test } from 'vitest'
import { decideMemory } from './decide-memory.ts'

const usage = { input_tokens: 3, output_tokens: 2, cached_tokens: 0, reasoning_tokens: 0 }
const memories = [{ id: 'm1', text: 'Likes tea' }]

/** A run that has ended, up to the message that says what is worth remembering. */
function remembering(status: 'complete' | 'partial' | 'open' = 'complete') {
  let state = emptySession()
  const say = <Type extends EventType>(type: Type, fields: EventFields<Type>) => put(draft(type, fields) as SpoolEvent)
  const put = (event: SpoolEvent) => {
    expect(allows(state, event)).toBeNull()
    state = fold(state, { seq: state.seq + 1, event })
  }
  const about = { run: 'r', message: 'x' }
  say('run.started', { run: 'r', kind: 'agent', memory: 'on', user: 'ada' })
  say('run.completed', { run: 'r', status: 'done', usage, steps: 1, duration_ms: 1 })
  say('message.requested', { ...about, purpose: 'memory', model: 'demo' })
  say('message.started', { ...about, role: 'assistant', purpose: 'memory', provider: 'demo', model: 'demo' })
  const first = { attempt: 1, worker: 'w', provider: 'demo', model: 'demo', reason: 'first' as const, kept: 0 }
  say('generation.started', { ...about, ...first })
  if (status !== 'open') say('message.completed', { ...about, status, reason: 'stop', usage })
  return { say, put, state: () => state }
}

const step = (session: ReturnType<typeof remembering>, known = memories) => {
  const types: string[] = []
  for (;;) {
    const decision = decideMemory(session.state(), { kind: 'remember', run: 'r', memories: known }, { now: new Date() })
    if (decision.kind !== 'append') return types
    types.push(decision.event.type)
    session.put(decision.event)
  }
}

test('how many were found is said first, then what; and no more', () => {
  const session = remembering()
  expect(step(session)).toEqual(['memory.progress', 'memory.updated'])
  expect(session.state().runs[0]!.memoryState).toMatchObject({ status: 'updated', found: 1, count: 1, usage })
  expect(step(session)).toEqual([])
})

test('a step that died in between goes on where it was', () => {
  const session = remembering()
  session.say('memory.progress', { run: 'r', found: 1 })
  expect(step(session)).toEqual(['memory.updated'])
})

test('nothing is an answer, too', () => {
  expect(step(remembering(), [])).toEqual(['memory.updated'])
})

test('what comes after the memory was given up is dropped', () => {
  const session = remembering()
  session.say('memory.failed', { run: 'r', error: { code: 'memory_timed_out', message: 'too late' } })
  expect(step(session)).toEqual([])
})

test.each(['open', 'partial'] as const)('a message that is %s says nothing yet', (status) => {
  expect(step(remembering(status))).toEqual([])
})
