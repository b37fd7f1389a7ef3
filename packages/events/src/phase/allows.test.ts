import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fixtureEvents } from '../../test/fixtures.ts'
import { Story } from '../../test/story.ts'
import { validHistory } from '../../test/valid-history.ts'
import { allows, draft, emptySession, fold, type EventFields, type EventType, type Phase } from '../index.ts'

/** The arrows of the vocabulary's phase machine. */
const ARROWS: Record<Phase, readonly Phase[]> = {
  idle: ['awaiting_llm', 'external'],
  // Straight to processing: a message that was closed before any proxy took it.
  awaiting_llm: ['streaming_llm', 'processing'],
  streaming_llm: ['processing'],
  processing: ['awaiting_confirmation', 'acting', 'awaiting_llm', 'idle'],
  awaiting_confirmation: ['processing', 'acting'],
  acting: ['processing', 'awaiting_confirmation'],
  external: ['idle'],
}

test('what is allowed moves the phase along the arrows of the machine, and along each of them', () => {
  const walked = new Set<string>()
  fc.assert(
    fc.property(validHistory, (log) => {
      let state = emptySession()
      for (const placed of log) {
        const next = fold(state, placed)
        if (next.phase !== state.phase) {
          expect(ARROWS[state.phase], `${state.phase} by ${placed.event.type}`).toContain(next.phase)
          walked.add(`${state.phase} -> ${next.phase}`)
        }
        state = next
      }
    }),
    // A fixed seed: whether each arrow was walked must not be a matter of luck.
    { numRuns: 200, seed: 2026 },
  )
  const all = Object.entries(ARROWS).flatMap(([from, tos]) => tos.map((to) => `${from} -> ${to}`))
  expect([...walked].toSorted()).toStrictEqual(all.toSorted())
})

test('every event that is folded in is refused by an erased session', () => {
  const { state } = new Story().ask('r1', 'x').say('session.erased', { by: 'u' })
  for (const event of fixtureEvents()) expect(allows(state, event)).toBe('the session is erased')
})

function refusal<Type extends EventType>(story: Story, type: Type, fields: EventFields<Type>): string | null {
  return allows(story.state, draft(type, fields))
}

const usage = { input_tokens: 1, output_tokens: 1 }
const error = { code: 'x', message: 'x', retryable: false }
const done = { status: 'done' as const, usage, steps: 1, duration_ms: 1 }
const answer = { run: 'r1', message: 'm1' }
const generation = { ...answer, worker: 'w', provider: 'p', model: 'm', reason: 'retry' as const }
const request = { purpose: 'answer' as const, model: 'default' }
const question = {
  run: 'r1',
  kind: 'tool' as const,
  round: 1,
  prompt: '',
  tasks: [],
  hash: 'h',
  options: [],
  timeout_seconds: 1,
  deadline: '2026-11-20T09:55:00.000Z',
}
const resolved = { run: 'r1', confirmation: 'q1', by: 'u', via: 'http' }

function streaming(): Story {
  return new Story().ask('r1', 'Hi').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'a🌧')
}

function processing(): Story {
  return streaming().close('r1', 'm1')
}

describe('runs', () => {
  test('only one is active at a time, and those that wait start in their order', () => {
    const story = new Story().ask('r1', 'x')
    expect(refusal(story, 'run.started', { run: 'r2', kind: 'agent' })).toBe('run r1 is active')
    for (const run of ['r2', 'r3']) story.say('run.queued', { run, kind: 'agent', message: `${run}-user`, parts: [] })
    expect(refusal(story, 'run.queued', { run: 'r2', kind: 'agent', message: 'm', parts: [] })).toMatch('there already')
    story.say('run.failed', { run: 'r1', error })
    expect(refusal(story, 'run.started', { run: 'r3', kind: 'agent' })).toBe('run r2 was queued before run r3')
    expect(refusal(story, 'run.started', { run: 'r9', kind: 'agent' })).toBe('run r2 was queued before run r9')
    expect(refusal(story, 'run.started', { run: 'r1', kind: 'agent' })).toBe('run r1 is over')
    story.say('run.started', { run: 'r2', kind: 'agent' })
  })

  test('none waits for nothing', () => {
    expect(refusal(new Story(), 'run.queued', { run: 'r1', kind: 'agent', message: 'm', parts: [] })).toMatch(
      'no run to',
    )
  })

  test('none ends while something of it is open', () => {
    expect(refusal(streaming(), 'run.completed', { run: 'r1', ...done })).toBe('message m1 is open')
    expect(refusal(streaming(), 'run.cancelled', { run: 'r1', by: 'u', reason: 'user' })).toBe('message m1 is open')
    const acting = processing().say('tool.called', {
      run: 'r1',
      call: 'c1',
      name: 'clock',
      input: {},
      repeatable: true,
    })
    expect(refusal(acting, 'run.failed', { run: 'r1', error })).toBe('a tool call of run r1 is open')
    const asking = processing().say('confirmation.requested', { ...question, confirmation: 'q1' })
    expect(refusal(asking, 'run.completed', { run: 'r1', ...done })).toBe('question q1 waits for an answer')
  })

  test('none completes after its cancel was requested, and none is cancelled twice', () => {
    const story = processing().say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
    expect(refusal(story, 'run.completed', { run: 'r1', ...done })).toBe('run r1 is being cancelled')
    expect(refusal(story, 'run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })).toBe(
      'run r1 is being cancelled',
    )
    story.say('run.cancelled', { run: 'r1', by: 'u', reason: 'user' })
    expect(refusal(story, 'run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })).toBe('run r1 is over')
  })
})

describe('the text of an answer', () => {
  const delta = { ...answer, text: 'x' }

  test('comes in dense sequence', () => {
    expect(refusal(streaming(), 'text.delta', { ...delta, sequence: 1 })).toBe('sequence 1 does not follow 1')
    expect(refusal(streaming(), 'text.delta', { ...delta, sequence: 3 })).toBe('sequence 3 does not follow 1')
    expect(refusal(streaming(), 'reasoning.delta', { ...delta, sequence: 1 })).toBeNull()
  })

  test('comes from an attempt, and from none that has failed', () => {
    const requested = new Story().ask('r1', 'Hi').request('r1', 'm1')
    expect(refusal(requested, 'text.delta', { ...delta, sequence: 1 })).toBe('message m1 has not started')
    const end = { ...answer, reason: 'stop' }
    expect(refusal(requested, 'message.completed', { ...end, status: 'complete' })).toBe('message m1 has not started')
    expect(refusal(requested, 'message.completed', { ...end, status: 'partial' })).toBeNull()
    const started = { ...answer, role: 'assistant' as const, purpose: 'answer' as const, provider: 'p', model: 'm' }
    requested.say('message.started', started)
    expect(refusal(requested, 'text.delta', { ...delta, sequence: 1 })).toBe('no attempt writes message m1')
    expect(refusal(requested, 'message.started', started)).toBe('message m1 has started')
    const failed = streaming().say('generation.failed', { ...answer, attempt: 1, error })
    expect(refusal(failed, 'text.delta', { ...delta, sequence: 2 })).toBe('attempt 1 has failed')
    expect(refusal(failed, 'generation.started', { ...generation, attempt: 2, kept: 2 })).toBeNull()
  })

  test('is kept wholly or not at all, by attempts that follow each other', () => {
    expect(refusal(streaming(), 'generation.started', { ...generation, attempt: 2, kept: 0 })).toBeNull()
    expect(refusal(streaming(), 'generation.started', { ...generation, attempt: 2, kept: 2 })).toBeNull()
    expect(refusal(streaming(), 'generation.started', { ...generation, attempt: 2, kept: 3 })).toBe(
      'kept is 0 or all of 2 code points, not 3',
    )
    expect(refusal(streaming(), 'generation.started', { ...generation, attempt: 1, kept: 2 })).toMatch(
      'does not follow',
    )
    expect(refusal(streaming(), 'generation.failed', { ...answer, attempt: 2, error })).toMatch('is not attempt 1')
  })

  test('ends after a cancel request with one thing more: its end as partial', () => {
    const story = streaming().say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
    expect(refusal(story, 'text.delta', { ...delta, sequence: 2 })).toBe('run r1 is being cancelled')
    expect(refusal(story, 'generation.started', { ...generation, attempt: 2, kept: 2 })).toBe(
      'run r1 is being cancelled',
    )
    expect(refusal(story, 'message.completed', { ...answer, status: 'complete', reason: 'stop' })).toBe(
      'run r1 is being cancelled: its message can only be partial',
    )
    story.say('message.completed', { ...answer, status: 'partial', reason: 'cancelled' })
  })

  test('never changes once it is closed', () => {
    expect(refusal(processing(), 'text.delta', { ...delta, sequence: 2 })).toBe('message m1 is closed')
    expect(refusal(processing(), 'message.requested', { ...answer, ...request })).toBe('message m1 is there already')
  })

  test('is asked for when nothing else of the run is open', () => {
    const next = { run: 'r1', message: 'm2', ...request }
    expect(refusal(new Story(), 'message.requested', next)).toBe('there is no run r1')
    expect(refusal(streaming(), 'message.requested', next)).toBe('message m1 is open')
    expect(refusal(processing(), 'message.requested', next)).toBeNull()
    expect(refusal(streaming(), 'message.requested', { ...next, purpose: 'title' })).toBeNull()
    expect(refusal(processing(), 'message.requested', { ...next, purpose: 'memory' })).toBe('run r1 has not ended yet')
  })
})

describe('questions and tools', () => {
  const call = { run: 'r1', call: 'c1' }

  test('a run begins with a model, not with a tool or a question', () => {
    const story = new Story().ask('r1', 'x')
    expect(refusal(story, 'tool.called', { ...call, name: 't', input: {}, repeatable: true })).toMatch('asked no model')
    expect(refusal(story, 'confirmation.requested', { ...question, confirmation: 'q1' })).toMatch('asked no model')
  })

  test('a question is answered once, and whoever comes later hears how', () => {
    const story = processing()
    expect(refusal(story, 'confirmation.resolved', { ...resolved, action: 'confirm' })).toBe(
      'question q1 was never asked',
    )
    story.say('confirmation.requested', { ...question, confirmation: 'q1' })
    expect(refusal(story, 'confirmation.requested', { ...question, confirmation: 'q2' })).toMatch('waits for an answer')
    story.say('confirmation.resolved', { ...resolved, action: 'timeout' })
    expect(refusal(story, 'confirmation.resolved', { ...resolved, action: 'confirm' })).toBe(
      'question q1 is resolved: timeout',
    )
  })

  test('nothing is confirmed after a cancel request', () => {
    const story = processing().say('confirmation.requested', { ...question, confirmation: 'q1' })
    story.say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
    expect(refusal(story, 'confirmation.resolved', { ...resolved, action: 'confirm' })).toBe(
      'run r1 is being cancelled',
    )
    story.say('confirmation.resolved', { ...resolved, action: 'cancel' })
  })

  test('a tool that is not repeatable never starts twice', () => {
    const called = { ...call, name: 'shell', input: {} }
    const once = processing().say('tool.called', { ...called, repeatable: false })
    expect(refusal(once, 'tool.completed', { ...call, duration_ms: 1 })).toBe('call c1 has not started')
    once.say('tool.started', { ...call, attempt: 1, worker: 'w' })
    expect(refusal(once, 'tool.started', { ...call, attempt: 2, worker: 'w' })).toBe('call c1 must not run twice')
    const often = processing().say('tool.called', { ...called, repeatable: true })
    often
      .say('tool.started', { ...call, attempt: 1, worker: 'w' })
      .say('tool.started', { ...call, attempt: 2, worker: 'w' })
  })

  test('what a tool did is told after a cancel request, and only once', () => {
    const story = processing().say('tool.called', { ...call, name: 'clock', input: {}, repeatable: true })
    story.say('tool.started', { ...call, attempt: 1, worker: 'w' })
    story.say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
    story.say('tool.completed', { ...call, output: 'noon', duration_ms: 1 })
    expect(refusal(story, 'tool.failed', { ...call, error, outcome: 'failed' })).toBe('call c1 has ended')
  })
})

test('memory is settled once, after the end', () => {
  const story = new Story().ask('r1', 'x', { memory: 'on' })
  expect(refusal(story, 'memory.failed', { run: 'r1', error })).toBe('run r1 has not ended yet')
  story.write('r1', 'm1', 'y').end('r1').say('memory.failed', { run: 'r1', error })
  expect(refusal(story, 'memory.updated', { run: 'r1', count: 0, memories: [] })).toBe(
    'the memory of run r1 is settled',
  )
})

test('a memory is written beside the next run, its text alone, and only until it is settled', () => {
  const story = new Story().ask('r1', 'x', { memory: 'on' }).write('r1', 'm1', 'y').end('r1')
  story.request('r1', 'k1', { purpose: 'memory' }).ask('r2', 'z').request('r2', 'm2').generate('r2', 'm2')
  story.generate('r1', 'k1')
  const said = { run: 'r1', message: 'k1', sequence: 1, text: '{}' }
  expect(refusal(story, 'reasoning.delta', said)).toBe('of a memory only its text is told')
  story.say('text.delta', said).say('memory.failed', { run: 'r1', error })
  const end = { run: 'r1', message: 'k1' }
  expect(refusal(story, 'text.delta', { ...said, sequence: 2 })).toBe('the memory of run r1 is settled')
  expect(refusal(story, 'message.completed', { ...end, status: 'complete', reason: 'stop' })).toMatch('only be partial')
  story.say('message.completed', { ...end, status: 'partial', reason: 'cancelled' })
})

test('a custom event of a run needs that run active; a title may come at any time', () => {
  expect(refusal(new Story(), 'custom.x', { run: 'r1' })).toBe('run r1 is not active')
  expect(refusal(new Story(), 'custom.x', { data: 1 })).toBeNull()
  expect(refusal(streaming(), 'session.titled', { title: 'x' })).toBeNull()
  expect(refusal(streaming(), 'session.forked', { from_session: 's', from_cursor: '1-1' })).toMatch(
    'only a new session',
  )
})
