import { type EventFields, type EventType, draft, encodeEvent } from '@spool/events'
import { StoredEvent } from '@spool/log'
import { expect, test } from 'vitest'
import { questionOf } from '../../test/support/question.ts'
import { HaltWatch } from './halt-watch.ts'

function event<Type extends EventType>(seq: number, type: Type, fields: EventFields<Type>): StoredEvent {
  return new StoredEvent({ seq, prev: seq - 1, epoch: 1, id: `${seq}`, type }, encodeEvent(draft(type, fields)))
}

const started = (seq: number, run = 'r') => event(seq, 'run.started', { run, kind: 'agent', memory: 'on' })
const requested = (seq: number, message: string, run = 'r', purpose: 'answer' | 'plan' = 'answer') =>
  event(seq, 'message.requested', { run, message, purpose, model: 'm' })
const asked = (seq: number, run = 'r') => event(seq, 'confirmation.requested', questionOf(run, 'c'))
const answered = (seq: number) =>
  event(seq, 'confirmation.resolved', { run: 'r', confirmation: 'c', action: 'confirm', by: 'user', via: 'http' })
const usage = { input_tokens: 0, output_tokens: 0 }
const completed = (seq: number, run = 'r') =>
  event(seq, 'run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })

/** The first halt, as whoever waits is told. */
const haltOf = (tail: number, ...events: StoredEvent[]) => {
  const watch = new HaltWatch('r', tail)
  return events.map((one) => watch.take(one)).find((halt) => halt !== null)
}

test('a run halts with its end, whatever its memory does afterwards, and its last answer is the answer', () => {
  expect(haltOf(0, started(1), requested(2, 'plan', 'r', 'plan'), requested(3, 'a'), completed(4))).toMatchObject({
    seq: 4,
    question: null,
    answer: 'a',
    run: { status: 'done', lastSeq: null },
  })
})

test('it halts with its question, and with its end where it never asks', () => {
  expect(haltOf(0, started(1), asked(2))).toEqual({ seq: 2, epoch: 1, question: 'c' })
  expect(haltOf(0, started(1), asked(2, 'other'), completed(3, 'other'))).toBeUndefined()
})

test('a question of the past counts only where nobody has answered it since', () => {
  expect(haltOf(3, started(1), asked(2), answered(3))).toBeUndefined()
  expect(haltOf(4, started(1), asked(2), answered(3), completed(4))).toMatchObject({ seq: 4, question: null })
  expect(haltOf(3, started(1), asked(2), event(3, 'session.titled', { title: 't' }))).toMatchObject({ question: 'c' })
})

test('the answer of another run is not its own', () => {
  const of = haltOf(0, started(1, 'other'), requested(2, 'b', 'other'), started(3), completed(4))
  expect(of).toMatchObject({ answer: null })
})
