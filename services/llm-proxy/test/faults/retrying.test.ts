import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, clearsItsThroat, isSilent, refuses, reports, says } from '../support/fault-server-acts.ts'
import type { Act } from '../support/fault-server.ts'
import { until } from '../support/until.ts'
import { faults, fieldsOf, typesOf } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels } from './support/faulty-models.ts'

/** fetch lets it pass, and nobody may listen there but root. */
const NOBODY = 'http://127.0.0.1:3/v1'

const late = { first_token_timeout_ms: 150 } as const
const failing: [what: string, code: string, act: Act, first?: { first_token_timeout_ms: number }][] = [
  ['408', 'provider_unavailable', refuses(408)],
  ['409', 'provider_unavailable', refuses(409)],
  ['429', 'provider_rate_limited', refuses(429)],
  ['500', 'provider_unavailable', refuses(500)],
  ['503', 'provider_unavailable', refuses(503, { message: '<html>' })],
  ['529', 'provider_unavailable', refuses(529, { type: 'overloaded_error' })],
  ['overload-in-the-stream', 'provider_unavailable', says(reports('overloaded_error'))],
  ['silence', 'provider_timed_out', isSilent, late],
  ['frames-without-a-token', 'provider_timed_out', clearsItsThroat, late],
]

const models = new FaultyModels()
const faulty = failing.map(([what, , , first]) => models.add(what, { ...first }, {}))
const anthropic = models.add('anthropic-529', { provider: 'anthropic' }, {})
const resetting = models.add('resetting', {}, {})
const nobody = models.add('nobody', { base_url: NOBODY }, {})
const reviving = models.add('reviving', {}, {})
const hurried = models.add('hurried', { attempts: 1 }, { attempts: 2 }, {})
const asksForSeconds = models.add('asks-for-seconds', {})
const asksForDate = models.add('asks-for-date', {})
const asksForMore = models.add('asks-for-more', {}, {})

beforeAll(() => models.start())
afterAll(() => models.stop())

const LEAST_PAUSES_MS = [120, 240]

test.concurrent.each(failing.map(([what, code, act], index) => ({ what, code, act, model: faulty[index]! })))(
  '$what: three calls with pauses that grow, then the next route; a client sees nothing but attempts',
  async ({ code, act, model }) => {
    const [first, second] = model.providers
    first.answers(act)
    second.answers(answers('Here ', 'I am.'))
    const { answer, events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      code,
      `retry ${model.alias}-1 0`,
      code,
      `retry ${model.alias}-1 0`,
      code,
      `failover ${model.alias}-2 0`,
      '"Here I am."',
      'complete: stop',
    ])
    expect(typesOf(events).filter((type) => !/^(run|generation|text)\./.test(type))).toEqual([
      'message.added',
      'message.requested',
      'message.started',
      'message.completed',
    ])
    expect(answer.text).toBe('Here I am.')
    expect([first.calls.length, second.calls.length]).toEqual([3, 1])
    for (const [index, pauseMs] of first.pausesMs.entries()) {
      expect(pauseMs).toBeGreaterThanOrEqual(LEAST_PAUSES_MS[index]!)
      expect(pauseMs).toBeLessThan(5_000)
    }
    await Promise.all(first.calls.map((call) => call.closed))
  },
)

test.concurrent('an overloaded Anthropic is tried again like any other', async () => {
  const [first, second] = anthropic.providers
  first.answers(refuses(529, { type: 'overloaded_error' }), says(reports('overloaded_error')), answers('Now.'))
  const { events } = await models.ask(anthropic)
  expect(courseOf(events)).toEqual([
    'first anthropic-529-1 0',
    'provider_unavailable',
    'retry anthropic-529-1 0',
    'provider_unavailable',
    'retry anthropic-529-1 0',
    '"Now."',
    'complete: stop',
  ])
  expect(second.calls).toEqual([])
})

test.concurrent('a connection that is reset as soon as it is there is one that cannot be reached', async () => {
  const [first, second] = resetting.providers
  first.resets(true)
  second.answers(answers('Here.'))
  const { events } = await models.ask(resetting)
  expect(courseOf(events).filter((line) => line.startsWith('provider_'))).toEqual(
    Array.from({ length: 3 }, () => 'provider_unreachable'),
  )
  expect(courseOf(events).slice(-3)).toEqual(['failover resetting-2 0', '"Here."', 'complete: stop'])
})

test.concurrent('an address where nobody listens is one that cannot be reached', async () => {
  const [, second] = nobody.providers
  second.answers(answers('Here.'))
  const { answer, events } = await models.ask(nobody)
  expect(answer.failures.map(({ error }) => error.code)).toEqual(
    Array.from({ length: 3 }, () => 'provider_unreachable'),
  )
  expect(courseOf(events).slice(-3)).toEqual(['failover nobody-2 0', '"Here."', 'complete: stop'])
})

test.concurrent('a server that comes back is found at the next attempt, and no other route is asked', async () => {
  const [first, second] = reviving.providers
  first.answers(answers('Back.'))
  first.resets(true)
  const conversation = await models.begin(reviving)
  await until('the first failure', async () => (await conversation.refresh(), conversation.answer.failures.length > 0))
  first.resets(false)
  const answer = await conversation.closed()
  expect([answer.status, answer.text, answer.provider, answer.model]).toEqual([
    'complete',
    'Back.',
    'openai-compatible',
    'reviving-1',
  ])
  expect(second.calls).toEqual([])
})

test.concurrent('each route has the number of attempts that the file gives it', async () => {
  const [first, second, third] = hurried.providers
  for (const server of [first, second]) server.answers(refuses(500))
  third.answers(answers('Third.'))
  const { events } = await models.ask(hurried)
  expect(fieldsOf(events, 'generation.started', 'attempt', 'reason', 'provider', 'model', 'kept')).toEqual([
    [1, 'first', 'openai-compatible', 'hurried-1', 0],
    [2, 'failover', 'openai-compatible', 'hurried-2', 0],
    [3, 'retry', 'openai-compatible', 'hurried-2', 0],
    [4, 'failover', 'openai-compatible', 'hurried-3', 0],
  ])
})

test.concurrent('a provider that says for how many seconds it wants to be left alone is left alone', async () => {
  const [server] = asksForSeconds.providers
  server.answers(refuses(429, { headers: { 'retry-after': '2' } }), answers('Now.'))
  const { answer } = await models.ask(asksForSeconds)
  expect(answer.text).toBe('Now.')
  expect(server.pausesMs[0]).toBeGreaterThanOrEqual(1_990)
})

test.concurrent('… or until when', async () => {
  const [server] = asksForDate.providers
  let aloneUntil = 0
  server.answers((call) => {
    // A date has no milliseconds.
    aloneUntil = Math.ceil(Date.now() / 1000 + 1) * 1000
    return refuses(503, { headers: { 'retry-after': new Date(aloneUntil).toUTCString() } })(call)
  }, answers('Now.'))
  const { answer } = await models.ask(asksForDate)
  expect(answer.text).toBe('Now.')
  expect(performance.timeOrigin + server.calls[1]!.atMs).toBeGreaterThanOrEqual(aloneUntil - 10)
})

test.concurrent('one that wants more than a minute is not waited for: the next route is asked at once', async () => {
  const [first, second] = asksForMore.providers
  first.answers(refuses(429, { headers: { 'retry-after': '61' } }))
  second.answers(answers('Here.'))
  const { events } = await models.ask(asksForMore)
  expect(courseOf(events)).toEqual([
    'first asks-for-more-1 0',
    'provider_rate_limited',
    'failover asks-for-more-2 0',
    '"Here."',
    'complete: stop',
  ])
  expect(second.calls[0]!.atMs - first.calls[0]!.atMs).toBeLessThan(AT_ONCE_MS)
})

/** Less than the shortest back-off, on a machine that has other things to do. */
const AT_ONCE_MS = 1_000
