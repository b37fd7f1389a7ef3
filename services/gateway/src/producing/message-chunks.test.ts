import { draft, type KnownEvent } from '@spool/events'
import { describe, expect, test } from 'vitest'
import { MessageChunks } from './message-chunks.ts'

const START = Date.parse('2026-11-20T09:50:00.000Z')
const about = { run: 'r', message: 'm' }

/** Each event is 100 ms after the one before. */
function chunksOf(...events: ((at: Date) => KnownEvent)[]): MessageChunks {
  const chunks = new MessageChunks('m')
  for (const [index, event] of events.entries()) chunks.take(event(new Date(START + index * 100)))
  return chunks
}

const delta =
  (sequence: number, text: string, message = 'm') =>
  (at: Date) =>
    draft('text.delta', { run: 'r', message, sequence, text }, at)
const attempt = (n: number, kept: number) => (at: Date) =>
  draft(
    'generation.started',
    { ...about, attempt: n, worker: 'w', provider: 'p', model: 'm', reason: 'retry', kept },
    at,
  )
const said = (text: string, continued?: true) => (at: Date) =>
  draft('message.added', { message: 'm', role: 'user', parts: [{ type: 'text', text }], continued }, at)
const ends = (at: Date) => draft('message.completed', { ...about, status: 'complete', reason: 'stop' }, at)

const read = (chunks: MessageChunks, after = 0, units = 1e6) => {
  const page = chunks.after(after, units)
  return { ...page, chunks: page.chunks.map(({ sequence, text }) => `${sequence} ${text}`) }
}

describe('the chunks of a message', () => {
  test('are its deltas, with the time between them, and nothing of another message', () => {
    const chunks = chunksOf(delta(1, 'a'), delta(1, 'x', 'other'), delta(2, 'b'))
    expect(chunks.after(0, 1e6)).toEqual({
      chunks: [
        { sequence: 1, text: 'a', at: '2026-11-20T09:50:00.000Z', interval_ms: null },
        { sequence: 2, text: 'b', at: '2026-11-20T09:50:00.200Z', interval_ms: 200 },
      ],
      current_sequence: 2,
      attempt: 0,
      finished: false,
      more: false,
    })
    chunks.take(ends(new Date()))
    expect(read(chunks, 1)).toMatchObject({ chunks: ['2 b'], current_sequence: 2, finished: true })
    expect(read(chunks, 9)).toMatchObject({ chunks: [], current_sequence: 2 })
  })

  test('go on over an attempt that keeps the text, and begin anew with one that does not', () => {
    const kept = chunksOf(attempt(1, 0), delta(1, 'a'), delta(2, '🙂b'), attempt(2, 3), delta(3, 'c'))
    expect(read(kept)).toMatchObject({ chunks: ['1 a', '2 🙂b', '3 c'], attempt: 2 })
    const anew = chunksOf(attempt(1, 0), delta(1, 'a'), delta(2, 'b'), attempt(2, 0), delta(3, 'c'))
    expect(read(anew)).toMatchObject({ chunks: ['3 c'], current_sequence: 3, attempt: 2 })
    expect(anew.after(0, 1e6).chunks[0]!.interval_ms).toBeNull()
    const nothing = chunksOf(attempt(1, 0), delta(1, 'a'), attempt(2, 0))
    expect(read(nothing)).toMatchObject({ chunks: [], current_sequence: 1, attempt: 2 })
    const half = chunksOf(attempt(1, 0), delta(1, 'a🙂'), delta(2, '🙂b'), attempt(2, 3))
    expect(read(half)).toMatchObject({ chunks: ['1 a🙂', '2 🙂'] })
  })

  test('come in pages that are not too large, each with one at least', () => {
    const chunks = chunksOf(...[1, 2, 3, 4, 5].map((sequence) => delta(sequence, 'x'.repeat(500))))
    const sequences: number[] = []
    for (let after = 0, more = true; more;) {
      const page = chunks.after(after, 1200)
      expect(page.chunks.length).toBeLessThanOrEqual(2)
      sequences.push(...page.chunks.map(({ sequence }) => sequence))
      after = sequences.at(-1)!
      more = page.more
    }
    expect(sequences).toEqual([1, 2, 3, 4, 5])
    expect(read(chunks, 0, 1).chunks).toHaveLength(1)
  })

  test('of what a person said, or what was copied, are its pieces', () => {
    expect(read(chunksOf(said('Hi')))).toMatchObject({ chunks: ['1 Hi'], current_sequence: 1, finished: true })
    expect(read(chunksOf(said('a', true), said('b')))).toMatchObject({ chunks: ['1 a', '2 b'], finished: true })
  })
})
