import { setTimeout as sleep } from 'node:timers/promises'
import { announce, announceDone } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gate, answers, isSilent, refuses, says } from '../support/fault-server-acts.ts'
import { until } from '../support/until.ts'
import { faults } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels, finished } from './support/faulty-models.ts'

/** What is promised is 100 ms; other tests may be using the same processors. */
const LIMIT_MS = 10 * 100
const ROUNDS = 8

const models = new FaultyModels()
const talking = models.add('talking', {}, {})
const silent = models.add('silent', {}, {})
const slow = models.add('slow', {})
const second = models.add('second', { attempts: 1 }, {})
const pausing = models.add('pausing', {}, {})
const narrow = models.add('narrow', { max_concurrency: 1 })
beforeAll(() => models.start())
afterAll(() => models.stop())

test('in mid-answer: the connection is closed, what was said stays, and no other route is asked', async ({
  annotate,
}) => {
  const [first, other] = talking.providers
  first.answers(says('Once '))
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const conversation = await models.begin(talking)
    await conversation.untilText('Once '.length)
    const appendedAtMs = (await conversation.cancel())!
    const { by, atMs } = await first.calls[round]!.closed
    expect(by).toBe('caller')
    tookMs.push(atMs - appendedAtMs)
    const { events } = await finished(conversation)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual(['first talking-1 0', '"Once "', 'partial: cancelled'])
  }
  await annotate(figures(tookMs))
  expect(Math.max(...tookMs)).toBeLessThan(LIMIT_MS)
  expect(other.calls).toEqual([])
})

test('before the first token', async ({ annotate }) => {
  const [first, other] = silent.providers
  first.answers(isSilent)
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const conversation = await models.begin(silent)
    await until('the request', () => first.calls.length > round)
    const appendedAtMs = (await conversation.cancel())!
    tookMs.push((await first.calls[round]!.closed).atMs - appendedAtMs)
    const { events } = await finished(conversation)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual(['first silent-1 0', 'partial: cancelled'])
  }
  await annotate(figures(tookMs))
  expect(Math.max(...tookMs)).toBeLessThan(LIMIT_MS)
  expect(other.calls).toEqual([])
})

test('before the first token, by an append that takes longer than is held back for it', async () => {
  const [server] = slow.providers
  server.answers(isSilent)
  const conversation = await models.begin(slow)
  await until('the request', () => server.calls.length === 1)
  await conversation.refresh()
  const { log } = models.system
  announce(log, conversation.ref, 'cancel')
  await sleep(150)
  const appendedAtMs = (await conversation.requestCancel())!
  announceDone(log, conversation.ref)
  expect((await server.calls[0]!.closed).atMs - appendedAtMs).toBeLessThan(LIMIT_MS)
})

test('while the second route answers', async () => {
  const [first, other] = second.providers
  first.answers(refuses(500))
  other.answers(says('Here '))
  const conversation = await models.begin(second)
  await conversation.untilText('Here '.length)
  const appendedAtMs = (await conversation.cancel())!
  expect((await other.calls[0]!.closed).atMs - appendedAtMs).toBeLessThan(LIMIT_MS)
  const { events } = await finished(conversation)
  expect(faults(events)).toEqual([])
  expect(courseOf(events).at(-1)).toBe('partial: cancelled')
})

test('in the pause before the next attempt: nobody is called any more', async ({ annotate }) => {
  const [first, other] = pausing.providers
  first.answers(refuses(429, { headers: { 'retry-after': '30' } }))
  const conversation = await models.begin(pausing)
  await until('the failure', async () => (await conversation.refresh(), conversation.answer.failures.length === 1))
  const appendedAtMs = (await conversation.cancel())!
  const { answer, events } = await finished(conversation)
  await annotate(figures([performance.now() - appendedAtMs]))
  expect(performance.now() - appendedAtMs).toBeLessThan(LIMIT_MS)
  expect(answer).toMatchObject({ status: 'partial', reason: 'cancelled', attempt: 1 })
  expect(faults(events)).toEqual([])
  expect([first.calls.length, other.calls.length]).toEqual([1, 0])
})

test('in the line for a route that is full: the provider never hears of it, and the line goes on', async ({
  annotate,
}) => {
  const [server] = narrow.providers
  const gate = new Gate()
  server.answers(
    says('Me first ', gate.passed, (call) => call.finish({ input: 1, output: 1 })),
    answers('Then me.'),
  )
  const holding = await models.begin(narrow)
  await holding.untilText(1)
  const waiting = await models.begin(narrow)
  await models.untilInLine(narrow, 1)
  const behind = await models.begin(narrow)
  await models.untilInLine(narrow, 2)
  const appendedAtMs = (await waiting.cancel())!
  const cancelled = await finished(waiting)
  await annotate(figures([performance.now() - appendedAtMs]))
  expect(performance.now() - appendedAtMs).toBeLessThan(LIMIT_MS)
  expect(cancelled.answer).toMatchObject({ status: 'partial', reason: 'cancelled', text: '' })
  expect(faults(cancelled.events)).toEqual([])
  expect(server.calls).toHaveLength(1)
  gate.open()
  expect((await finished(holding)).answer).toMatchObject({ status: 'complete', text: 'Me first ' })
  expect((await finished(behind)).answer).toMatchObject({ status: 'complete', text: 'Then me.' })
  expect(server.mostAtOnce).toBe(1)
})

const figures = (tookMs: readonly number[]) => `over after ${tookMs.map((ms) => ms.toFixed(1)).join(', ')} ms`
