import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gate, answers, finish, refuses, reset, says, tells } from '../support/fault-server-acts.ts'
import { until } from '../support/until.ts'
import { faults } from '../support/verdict.ts'
import { FaultyModels, finished } from './support/faulty-models.ts'

const models = new FaultyModels()
const narrow = models.add('narrow', { max_concurrency: 2 })
const polite = models.add('polite', { max_concurrency: 1 })
const fragile = models.add('fragile', { max_concurrency: 1, attempts: 2 })
beforeAll(() => models.start())
afterAll(() => models.stop())

test.concurrent('a route has no more calls at once than it may, and everybody gets their turn', async () => {
  const [server] = narrow.providers
  server.answers(async (call) => {
    await sleep(50)
    await answers('Here ', 'you are.')(call)
  })
  const ends = await Promise.all(Array.from({ length: 9 }, () => models.ask(narrow)))
  for (const { answer, events } of ends) {
    expect(answer).toMatchObject({ status: 'complete', text: 'Here you are.', attempt: 1 })
    expect(faults(events)).toEqual([])
  }
  expect(server.calls).toHaveLength(9)
  expect(server.mostAtOnce).toBe(2)
})

test.concurrent('who waits for the next attempt leaves the place to others', async () => {
  const [server] = polite.providers
  server.answers(refuses(429, { headers: { 'retry-after': '2' } }), answers('In between.'), answers('At last.'))
  const limited = await models.begin(polite)
  await until('the failure', async () => (await limited.refresh(), limited.answer.failures.length === 1))
  expect((await models.ask(polite)).answer.text).toBe('In between.')
  expect(limited.answer.failures).toHaveLength(1)
  expect((await finished(limited)).answer.text).toBe('At last.')
})

test.concurrent('a call that breaks off gives its place back', async () => {
  const [server] = fragile.providers
  const gate = new Gate()
  server.answers(says('Once ', gate.passed, reset), tells('Once upon a time'), says('Next.', finish()))
  const first = await models.begin(fragile)
  await first.untilText('Once '.length)
  const second = await models.begin(fragile)
  gate.open()
  const ends = await Promise.all([first, second].map(finished))
  expect(ends.map(({ answer }) => answer.status)).toEqual(['complete', 'complete'])
  expect(server.mostAtOnce).toBe(1)
})
