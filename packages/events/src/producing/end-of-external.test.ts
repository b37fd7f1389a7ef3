import { describe, expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import { allows, endOfExternal, fold, runOf, timingOfExternal } from '../index.ts'

const at = new Date('2026-11-20T09:50:05.000Z')

function produced(...texts: string[]): Story {
  const message = {
    run: 'x',
    message: 'm',
    role: 'assistant',
    purpose: 'answer',
    provider: 'external',
    model: 'm',
  } as const
  const story = new Story().say('run.started', { run: 'x', kind: 'external' }).say('message.started', message)
  for (const [index, text] of texts.entries())
    story.say('text.delta', { run: 'x', message: 'm', sequence: index + 1, text })
  return story
}

const endOf = ({ state }: Story) => endOfExternal(state, runOf(state, 'x')!, at)

describe("a producer's run", () => {
  test('is open as long as its message is, and ends once', () => {
    expect(endOf(new Story().say('run.started', { run: 'x', kind: 'external' }))).toBeNull()
    const story = produced('Hi')
    expect(endOf(story)).toBeNull()
    story.say('message.completed', { run: 'x', message: 'm', status: 'complete', reason: 'stop' })
    story.tell({ seq: story.state.seq + 1, event: endOf(story)! })
    expect(story.state).toMatchObject({ phase: 'idle', activeRun: null })
    expect(endOf(story)).toBeNull()
  })

  test.each([
    ['complete', 'stop', { type: 'run.completed', status: 'done', usage: { input_tokens: 3, output_tokens: 4 } }],
    ['complete', 'length', { type: 'run.completed' }],
    ['partial', 'cancelled', { type: 'run.cancelled', by: 'producer', reason: 'cancelled' }],
    ['partial', 'error: no power', { type: 'run.failed', error: { code: 'producer_failed', message: 'no power' } }],
    ['partial', 'producer_silent', { type: 'run.failed', error: { code: 'producer_silent' } }],
    ['partial', 'server_crashed', { type: 'run.failed', error: { code: 'server_crashed' } }],
  ] as const)('ends after a message that is %s (%s) as it should', (status, reason, end) => {
    const usage = { input_tokens: 3, output_tokens: 4 }
    const story = produced('Hi').say('message.completed', { run: 'x', message: 'm', status, reason, usage })
    const event = endOf(story)!
    expect(event).toMatchObject({ run: 'x', at: at.toISOString(), ...end })
    expect(allows(story.state, event)).toBeNull()
  })

  test("that is none is nobody's business here", () => {
    const story = new Story().ask('x', 'Hi')
    expect(endOf(story)).toBeNull()
  })
})

test('what is measured of its message is what its events say', () => {
  const story = produced('a', 'b', 'c')
  const message = story.message('m')
  // Each event is 100 ms after the one before; the message began at 100 ms.
  const timing = timingOfExternal(message, new Date(Date.parse(message.streaming.started_at!) + 1000))
  expect(timing).toEqual({ first_token_ms: 100, duration_ms: 1000, chunks: 3, average_chunk_interval_ms: 100 })
  const none = timingOfExternal(produced().message('m'), at)
  expect(none).toMatchObject({ first_token_ms: null, chunks: 0, average_chunk_interval_ms: null })
  const closed = fold(story.state, {
    seq: 99,
    event: {
      v: 1,
      type: 'message.completed',
      run: 'x',
      message: 'm',
      status: 'complete',
      reason: 'stop',
      timing,
      at: at.toISOString(),
    },
  })
  expect(closed.messages[0]!.streaming).toMatchObject({ chunks_count: 3, first_token_ms: 100 })
})
