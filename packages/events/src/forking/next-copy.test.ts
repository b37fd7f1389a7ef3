import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import { validHistory } from '../../test/valid-history.ts'
import {
  allows,
  draft,
  emptySession,
  encodeEvent,
  fold,
  isBeingCopied,
  nextCopy,
  originalOf,
  prompt,
  readEvent,
  type KnownEvent,
  type Original,
  type PromptMessage,
  type SessionState,
} from '../index.ts'
import { closingEvents } from './closing-events.ts'

const at = new Date('2026-11-20T10:00:00.000Z')
const cut = { reason: 'forked', by: 'spool', at }
const terms = { fromSession: 'one', fromCursor: '1-7', epoch: 1, at, blobs: new Map<string, string>() }

/** Appends what comes next, at positions like those of a stream that others use, too. */
function copied(original: Original, state: SessionState = emptySession(), blobs = terms.blobs): SessionState {
  let copy = state
  for (let event; (event = nextCopy(original, copy, { ...terms, blobs })) !== null;) copy = step(copy, event)
  return copy
}

function step(copy: SessionState, event: KnownEvent): SessionState {
  expect(allows(copy, event), event.type).toBeNull()
  encodeEvent(event)
  const read = readEvent(JSON.parse(JSON.stringify(event)))
  if (!read.ok) throw new Error(read.reason)
  return fold(copy, { seq: copy.seq + 3, event: read.event })
}

/** What the next run would be sent. */
function nextPromptIn(state: SessionState): PromptMessage[] {
  const events = [
    draft('run.started', { run: 'next', kind: 'agent', input: 'asks' }, at),
    draft(
      'message.added',
      { run: 'next', message: 'asks', role: 'user', parts: [{ type: 'text', text: 'And now?' }] },
      at,
    ),
    draft(
      'message.requested',
      { run: 'next', message: 'answers', purpose: 'answer', model: 'm', instructions: 'Be kind.' },
      at,
    ),
  ]
  const asked = events.reduce((before, event) => {
    expect(allows(before, event), event.type).toBeNull()
    return fold(before, { seq: before.seq + 1, event })
  }, state)
  return prompt(asked, 'answers')
}

function closed(state: SessionState): SessionState {
  return closingEvents(state, cut).reduce((before, event) => fold(before, { seq: before.seq + 1, event }), state)
}

describe('over what writers may append', () => {
  test('the next run in a fork, and in a fork of that fork, is sent what the next run of the original would be', () => {
    fc.assert(
      fc.property(validHistory, (log) => {
        const state = log.reduce(fold, emptySession())
        const original = originalOf(state, cut)
        const copy = copied(original)
        const wanted = nextPromptIn(closed(state))
        expect(nextPromptIn(copy)).toStrictEqual(wanted)
        expect(nextPromptIn(copied(originalOf(copy, cut)))).toStrictEqual(wanted)
        const { title, agent, language } = state
        expect(copy).toMatchObject({ title, agent, language, runs: [], calls: [], usage: { input_tokens: 0 } })
      }),
      { numRuns: 60 },
    )
  })

  test('whoever goes on with a copy, from wherever it had come to, makes the same', () => {
    fc.assert(
      fc.property(validHistory, fc.nat(), (log, cutOff) => {
        const state = log.reduce(fold, emptySession())
        let begun = emptySession()
        const whole = copied(originalOf(state, cut))
        const steps = cutOff % (whole.seq / 3)
        for (let index = 0; index < steps; index++) begun = step(begun, nextCopy(originalOf(state, cut), begun, terms)!)
        expect(copied(originalOf(state, cut), begun)).toStrictEqual(whole)
      }),
      { numRuns: 30 },
    )
  })
})

const call = { run: 'r1', call: 'c1', name: 'look', input: { city: 'Kyoto' }, repeatable: false }

function acting(): Story {
  const story = new Story().ask('r1', 'How is the weather?', { agent: 'travel', language: 'de' }).request('r1', 'm1')
  story.generate('r1', 'm1').say('reasoning.delta', { run: 'r1', message: 'm1', sequence: 1, text: 'Look it up.' })
  story.stream('r1', 'm1', 'Let me look.')
  const toolCalls = [call, { ...call, call: 'c2' }].map(({ call: id, name, input }) => ({ call: id, name, input }))
  return story.close('r1', 'm1', { reason: 'tool_calls', tool_calls: toolCalls }).say('tool.called', call)
}

test('a call and what came of it, what was thought and who wrote it are told as of the original', () => {
  const story = acting().say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c1', output: { sky: 'clear' }, duration_ms: 1 })
  const copy = copied(originalOf(story.state, cut))
  expect(copy).toMatchObject({ agent: 'travel', language: 'de', createdAt: at.toISOString(), phase: 'idle' })
  expect(nextPromptIn(copy)).toStrictEqual(nextPromptIn(closed(story.state)))
  expect(copy.messages).toMatchObject([
    { id: 'r1-user', run: null, role: 'user', text: 'How is the weather?', status: 'complete' },
    {
      id: 'm1',
      run: null,
      model: 'demo',
      provider: 'demo',
      reason: 'tool_calls',
      parts: [
        { type: 'reasoning', text: 'Look it up.' },
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_call', call: 'c1', input: { city: 'Kyoto' } },
        { type: 'tool_call', call: 'c2' },
      ],
      results: [{ call: 'c1', output: { type: 'json', value: { sky: 'clear' } } }],
    },
  ])
})

test('a call that is under way has no result in the copy, and a question that waits is not there', () => {
  const begun = acting().say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  const { messages } = copied(originalOf(begun.state, cut))
  expect(messages[1]?.results?.[0]?.output.value).toMatch(/^Outcome unknown/)
  const asking = new Story().ask('r1', 'x').write('r1', 'm1', 'y')
  asking.say('confirmation.requested', {
    run: 'r1',
    confirmation: 'q1',
    kind: 'tool' as const,
    round: 1,
    prompt: '',
    tasks: [],
    hash: 'h',
    options: [],
    timeout_seconds: 60,
    deadline: at.toISOString(),
  })
  expect(copied(originalOf(asking.state, cut))).toMatchObject({ question: null, questions: [], phase: 'idle' })
})

test('an answer that was being written is partial, and one that nobody had begun is not there', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1')
  expect(copied(originalOf(story.state, cut)).messages.map(({ id }) => id)).toStrictEqual(['r1-user'])
  story.generate('r1', 'm1').stream('r1', 'm1', 'Half')
  const { messages } = copied(originalOf(story.state, cut))
  expect(messages[1]).toMatchObject({ status: 'partial', reason: 'forked', text: 'Half' })
})

test('a message larger than an event is told in several, and nobody speaks before the copy is whole', () => {
  const text = '🌧 Regen.\n'.repeat(60_000)
  const story = acting().say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c1', output: 'x'.repeat(120_000), duration_ms: 1 })
  story
    .say('tool.called', { ...call, call: 'c2' })
    .say('tool.started', { run: 'r1', call: 'c2', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c2', output: 'y'.repeat(120_000), duration_ms: 1 })
  story
    .request('r1', 'm2')
    .generate('r1', 'm2')
    .stream('r1', 'm2', ...(text.match(/[^]{1,50000}/gu) ?? []))
  story.close('r1', 'm2').end('r1')
  const original = originalOf(story.state, cut)
  let copy = emptySession()
  let events = 0
  for (let event; (event = nextCopy(original, copy, terms)) !== null; events++) {
    expect(isBeingCopied(copy) ? allows(copy, draft('run.started', { run: 'next', kind: 'agent' }, at)) : null).toBe(
      isBeingCopied(copy) ? 'the session is still being copied' : null,
    )
    copy = step(copy, event)
  }
  expect(events).toBeGreaterThan(8)
  expect(copy.messages.at(-1)).toMatchObject({ text, status: 'complete', reason: 'stop' })
  expect(nextPromptIn(copy)).toStrictEqual(nextPromptIn(story.state))
})

test('what a person changed of a call, or said instead of it, is told to the model in the copy, too', () => {
  const question = { run: 'r1', kind: 'tool' as const, round: 1, prompt: '', tasks: [], hash: 'h', options: [] }
  const asked = { ...question, timeout_seconds: 60, deadline: at.toISOString() }
  const resolved = { run: 'r1', by: 'u', via: 'http' }
  const story = new Story().ask('r1', 'x').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'y')
  const toolCalls = ['c1', 'c2', 'c3'].map((id) => ({ call: id, name: 'look', input: {} }))
  story.close('r1', 'm1', { reason: 'tool_calls', tool_calls: toolCalls })
  story.say('confirmation.requested', { ...asked, confirmation: 'q1', call: 'c1' })
  story.say('confirmation.resolved', {
    ...resolved,
    confirmation: 'q1',
    action: 'modify',
    input_after: { city: 'Nara' },
  })
  story.say('tool.called', call).say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c1', output: 'clear', duration_ms: 1 })
  story.say('confirmation.requested', { ...asked, confirmation: 'q2', call: 'c2' })
  story.say('confirmation.resolved', { ...resolved, confirmation: 'q2', action: 'modify', message: 'Not that.' })
  story.say('session.summarised', { up_to: `1-${story.state.seq}`, text: 'Short.', messages: 1 }).request('r1', 'm2')
  for (const state of story.log.map((_, index) => story.log.slice(0, index + 1).reduce(fold, emptySession()))) {
    expect(nextPromptIn(copied(originalOf(state, cut)))).toStrictEqual(nextPromptIn(closed(state)))
  }
  expect(copied(originalOf(story.state, cut)).messages[1]?.results).toMatchObject([{ call: 'c1' }, { call: 'c2' }])
})

test('files are named by the ids that they have in the copy, also to the model', () => {
  const story = acting().say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
  story.say('tool.completed', { run: 'r1', call: 'c1', output: 'The beg', blob: 'b1', duration_ms: 1 })
  story.say('artifact.created', {
    run: 'r1',
    artifact: 'a1',
    kind: 'k',
    title: 't',
    filename: 'f',
    media_type: 'text/plain',
    blob: 'b2',
  })
  const blobs = new Map([
    ['b1', 'copy-1'],
    ['b2', 'copy-2'],
  ])
  const copy = copied(originalOf(story.state, cut), undefined, blobs)
  expect(copy.messages[1]?.results).toStrictEqual([
    {
      call: 'c1',
      output: { type: 'text', value: 'The beg\n[The whole output is stored as blob copy-1.]' },
      blob: 'copy-1',
    },
  ])
  expect(copy.artifacts).toMatchObject([{ id: 'a1', run: null, blob: 'copy-2', content: null }])
})
