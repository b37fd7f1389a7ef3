import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, isSilent, refuses } from '../support/fault-server-acts.ts'
import { faults, fieldsOf } from '../support/verdict.ts'
import { FaultyModels } from './support/faulty-models.ts'
import { until } from '../support/until.ts'

const models = new FaultyModels()
const failing = models.add('failing', { attempts: 1 }, {})
const alone = models.add('alone', { attempts: 1 })
const narrow = models.add('narrow', { attempts: 1, max_concurrency: 1, first_token_timeout_ms: 200 }, {})
const crowded = models.add('crowded', { attempts: 1 }, {})
const asked = models.add('asked', { attempts: 1 }, {})
beforeAll(() => models.start())
afterAll(() => models.stop())

/** More failures in a row than a route gets away with. */
const MANY = 8

test.concurrent('a route that keeps failing is left out for a while, and comes back by itself', async ({
  annotate,
}) => {
  const [first, second] = failing.providers
  first.answers(refuses(503))
  second.answers(answers('Second.'))
  for (let asking = 0; asking < MANY; asking++) expect((await models.ask(failing)).answer.text).toBe('Second.')
  const callsUntilLeftOut = first.calls.length
  expect(callsUntilLeftOut).toBeLessThan(MANY)
  const { answer, events } = await models.ask(failing)
  expect(faults(events)).toEqual([])
  expect(fieldsOf(events, 'generation.started', 'reason', 'model')).toEqual([['first', 'failing-2']])
  expect(answer.failures).toEqual([])
  expect(first.calls).toHaveLength(callsUntilLeftOut)

  // It is well again, but nobody asks it: time alone brings it back.
  first.answers(answers('First.'))
  const leftOutAtMs = first.calls.at(-1)!.atMs
  await until('the first route answers', async () => (await models.ask(failing)).answer.text === 'First.', 30_000, 200)
  await annotate(
    `left out after ${callsUntilLeftOut} failures, for ${(first.calls.at(-1)!.atMs - leftOutAtMs).toFixed(0)} ms`,
  )
  expect((await models.ask(failing)).answer.text).toBe('First.')
})

test.concurrent('where every route is left out, the first is tried anyway', async () => {
  const [only] = alone.providers
  only.answers(refuses(503))
  for (let asking = 0; asking < MANY; asking++) {
    expect((await models.ask(alone)).answer.failures).toMatchObject([{ error: { code: 'provider_unavailable' } }])
  }
  expect(only.calls).toHaveLength(MANY)
  only.answers(answers('Back.'))
  expect((await models.ask(alone)).answer.text).toBe('Back.')
})

test.concurrent('requests that no route could use leave none out', async () => {
  const [first, second] = asked.providers
  first.answers(refuses(400))
  for (let asking = 0; asking < MANY; asking++) await models.ask(asked)
  expect(first.calls).toHaveLength(MANY)
  expect(second.calls).toEqual([])
})

test.concurrent('who waits in line for a route that is left out meanwhile goes to the next one', async () => {
  const [first, second] = narrow.providers
  first.answers(isSilent)
  second.answers(answers('Second.'))
  const ends = await Promise.all(Array.from({ length: 2 * MANY }, () => models.ask(narrow)))
  expect(ends.map(({ answer }) => answer.text)).toEqual(ends.map(() => 'Second.'))
  for (const { events } of ends) expect(faults(events)).toEqual([])
  expect(first.calls.length).toBeLessThan(MANY)
})

test.concurrent('one call alone finds out whether a route is back, however many come at that moment', async () => {
  const [first, second] = crowded.providers
  first.answers(refuses(503))
  second.answers(answers('Second.'))
  for (let asking = 0; asking < MANY; asking++) await models.ask(crowded)
  const callsUntilLeftOut = first.calls.length
  first.answers(isSilent)
  await until(
    'the route is tried',
    async () => {
      await Promise.all(Array.from({ length: 10 }, () => models.begin(crowded)))
      return first.calls.length > callsUntilLeftOut
    },
    30_000,
    200,
  )
  expect((await models.ask(crowded)).answer.text).toBe('Second.')
  expect(first.calls).toHaveLength(callsUntilLeftOut + 1)
})
