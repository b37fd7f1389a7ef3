import { allows, emptySession, fold, messageOf, runOf, type SessionState } from '@spool/events'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Problem } from '../problems/problem.ts'
import { decideBegin } from './decide-begin.ts'
import { decideChunk } from './decide-chunk.ts'
import { decideCustom } from './decide-custom.ts'
import { decideFinalize } from './decide-finalize.ts'
import type { Decision } from './decision.ts'

const START = Date.parse('2026-11-20T09:50:00.000Z')

/** A session of producers, without a server: each event that is appended must be allowed. */
class Played {
  state: SessionState = emptySession()
  /** What is stored, by message and number. */
  readonly stored = new Map<string, string>()

  /** One call, as a gateway carries it out; one that dies does so after so many appends. */
  call<Answer>(
    decide: (state: SessionState, now: Date) => Decision<Answer>,
    diesAfter = Infinity,
  ): Answer | Problem | null {
    for (let appended = 0; appended < 5; appended++) {
      const decision = decide(this.state, new Date(START + this.state.seq * 100))
      if (decision.kind === 'refuse') return decision.problem
      if (decision.kind === 'answer') return decision.answer
      if (appended >= diesAfter) return null
      const { event } = decision
      expect(allows(this.state, event), event.type).toBeNull()
      if (event.type === 'text.delta') this.stored.set(`${event.message} ${event.sequence}`, event.text)
      this.state = fold(this.state, { seq: this.state.seq + 1, event })
      if (decision.answer !== undefined) return decision.answer
    }
    throw new Error('a call that never comes to an end')
  }

  begin(n: number, diesAfter?: number) {
    const begin = { run: `r${n}`, message: `m${n}`, model: 'm', key: `k${n}`, body_hash: 'h' }
    return this.call((state, now) => decideBegin(state, begin, now), diesAfter)
  }

  append(n: number, text: string, sequence?: number) {
    const chunk = { message: `m${n}`, text, sequence }
    const taken = this.call((state, now) => decideChunk(state, chunk, now))
    if (taken === null || !('lookUp' in taken)) return taken
    const stored = this.stored.get(`m${n} ${taken.lookUp.sequence}`)
    return this.call((state, now) => decideChunk(state, { ...chunk, stored }, now))
  }

  finalize(n: number, finish_reason: string, diesAfter?: number) {
    return this.call((state, now) => decideFinalize(state, { message: `m${n}`, finish_reason }, now), diesAfter)
  }
}

const statusOf = (result: object | null) => (result !== null && 'status' in result ? Number(result.status) : 200)

const call = fc.oneof(
  fc.record({ kind: fc.constant('begin' as const), n: fc.nat(2), diesAfter: fc.constantFrom(0, 1, 9) }),
  fc.record({
    kind: fc.constant('append' as const),
    n: fc.nat(2),
    text: fc.constantFrom('a', 'b'),
    sequence: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  }),
  fc.record({
    kind: fc.constant('finalize' as const),
    n: fc.nat(2),
    reason: fc.constantFrom('stop', 'cancelled', 'error: odd'),
    diesAfter: fc.constantFrom(0, 1, 9),
  }),
)

test('whoever calls what, again or in between, and dies when: the same call has the same answer, chunks are dense', () => {
  fc.assert(
    fc.property(fc.array(call, { maxLength: 40 }), (calls) => {
      const played = new Played()
      for (const one of calls) {
        if (one.kind === 'begin') {
          if (played.begin(one.n, one.diesAfter) === null) continue
          const before = played.state
          const again = [played.begin(one.n), played.begin(one.n)]
          expect(again[0]).toEqual(again[1])
          if (statusOf(again[0]!) === 200) expect(played.state).toBe(before)
        } else if (one.kind === 'append') {
          const taken = played.append(one.n, one.text, one.sequence)
          if (taken === null || !('sequence' in taken)) continue
          const before = played.state
          expect(played.append(one.n, one.text, taken.sequence)).toEqual(taken)
          expect(statusOf(played.append(one.n, `not ${one.text}`, taken.sequence))).toBe(409)
          expect(played.state).toBe(before)
        } else {
          const ended = played.finalize(one.n, one.reason, one.diesAfter)
          if (ended === null || 'code' in ended) continue
          const before = played.state
          expect(played.finalize(one.n, one.reason)).toEqual(ended)
          expect(statusOf(played.finalize(one.n, 'length'))).toBe(409)
          expect(played.state).toBe(before)
          expect(runOf(before, `r${one.n}`)!.endedSeq).not.toBeNull()
        }
        for (const { id, sequences, text } of played.state.messages) {
          const texts = Array.from({ length: sequences.text }, (_, at) => played.stored.get(`${id} ${at + 1}`))
          expect(texts.join('')).toBe(text)
        }
        expect(played.state.runs.filter(({ status }) => status === 'active').length).toBeLessThanOrEqual(1)
      }
    }),
    { numRuns: 300 },
  )
})

describe('a call that was broken off', () => {
  test('goes on where it was', () => {
    const played = new Played()
    expect(played.begin(1, 1)).toBeNull()
    expect(messageOf(played.state, 'm1')).toBeUndefined()
    expect(played.begin(1)).toEqual({ first: 1 })
    played.append(1, 'a')
    expect(played.finalize(1, 'stop', 1)).toBeNull()
    expect(played.state.activeRun).toBe('r1')
    expect(played.finalize(1, 'stop')).toMatchObject({ status: 'complete', seq: played.state.seq })
    expect(played.state.activeRun).toBeNull()
  })
})

describe('of what is too much', () => {
  const long = 'x'.repeat(100_000)

  test('nothing is taken: text, or chunks', () => {
    const played = new Played()
    played.begin(1)
    let taken = 0
    while (statusOf(played.append(1, long)) === 200) taken++
    expect(taken).toBe(Math.floor((4 * 1024 ** 2) / long.length))
    expect(played.append(1, long)).toMatchObject({ status: 413, code: 'message_too_large' })
    const [message] = played.state.messages
    const many = { ...message!, text: '', sequences: { text: 200_000, reasoning: 0 } }
    played.state = { ...played.state, messages: [many] }
    expect(played.append(1, 'x')).toMatchObject({ code: 'message_too_large' })
  })
})

test('what a producer says beside its text needs its message open', () => {
  const played = new Played()
  const emit = () => played.call((state, now) => decideCustom(state, { message: 'm1', type: 'custom.x', data: 1 }, now))
  expect(emit()).toMatchObject({ code: 'message_not_found' })
  played.begin(1)
  expect(emit()).toEqual({ run: 'r1' })
  played.finalize(1, 'stop')
  expect(emit()).toMatchObject({ code: 'message_closed' })
})
