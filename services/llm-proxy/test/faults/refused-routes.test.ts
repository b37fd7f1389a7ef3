import { afterAll, beforeAll, expect, test } from 'vitest'
import { answers, refuses } from '../support/fault-server-acts.ts'
import type { Act } from '../support/fault-server.ts'
import { faults } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels } from './support/faulty-models.ts'

const openAiTooLong = { code: 'context_length_exceeded', message: 'maximum context length is 8 tokens' }
const anthropicTooLong = { type: 'invalid_request_error', message: 'prompt is too long: 9 tokens > 8 maximum' }

/** `advice`: what the text must tell the one who reads it to do. */
const refusing: [what: string, code: string, advice: RegExp, act: Act, provider: 'openai-compatible' | 'anthropic'][] =
  [
    ['401', 'provider_refused', /Check FAULTY_KEY/, refuses(401), 'openai-compatible'],
    ['403', 'provider_refused', /Check FAULTY_KEY/, refuses(403), 'openai-compatible'],
    ['404', 'provider_unknown_model', /Check its name/, refuses(404), 'openai-compatible'],
    ['long', 'provider_context_too_long', /Begin a new one/, refuses(400, openAiTooLong), 'openai-compatible'],
    ['413', 'provider_context_too_long', /Begin a new one/, refuses(413), 'openai-compatible'],
    [
      'no-credit',
      'provider_quota_exhausted',
      /credit|quota|billing/i,
      refuses(429, { code: 'insufficient_quota' }),
      'openai-compatible',
    ],
    [
      'anthropic-401',
      'provider_refused',
      /Check FAULTY_KEY/,
      refuses(401, { type: 'authentication_error' }),
      'anthropic',
    ],
    [
      'anthropic-404',
      'provider_unknown_model',
      /Check its name/,
      refuses(404, { type: 'not_found_error' }),
      'anthropic',
    ],
    ['anthropic-long', 'provider_context_too_long', /Begin a new one/, refuses(400, anthropicTooLong), 'anthropic'],
  ]

const models = new FaultyModels()
const first = refusing.map(([what, , , , provider]) => models.add(`first-${what}`, { provider }, {}))
const last = refusing.map(([what, , , , provider]) => models.add(`last-${what}`, { provider }))
const allRefuse = models.add('all-refuse', {}, {}, {})
beforeAll(() => models.start())
afterAll(() => models.stop())

test.concurrent.each(refusing.map(([what, code, , act], index) => ({ what, code, act, model: first[index]! })))(
  '$what: the route is not tried again, the next one is asked at once',
  async ({ code, act, model }) => {
    const [refused, next] = model.providers
    refused.answers(act)
    next.answers(answers('Here.'))
    const { events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      code,
      `failover ${model.alias}-2 0`,
      '"Here."',
      'complete: stop',
    ])
    expect(refused.calls).toHaveLength(1)
    expect(next.calls[0]!.atMs - refused.calls[0]!.atMs).toBeLessThan(AT_ONCE_MS)
  },
)

test.concurrent.each(
  refusing.map(([what, code, advice, act], index) => ({ what, code, advice, act, model: last[index]! })),
)(
  '$what from the last route: the message is closed with a text that says what to do',
  async ({ code, advice, act, model }) => {
    const [only] = model.providers
    only.answers(act)
    const { answer, events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([`first ${model.alias}-1 0`, code, 'partial: provider_failed'])
    expect(answer.failures).toMatchObject([{ attempt: 1, model: `${model.alias}-1`, error: { code } }])
    expect(answer.failures[0]!.error.message).toMatch(advice)
    expect(only.calls).toHaveLength(1)
  },
)

test.concurrent('routes that all refuse are each asked once, and each refusal is on record', async () => {
  const [one, two, three] = allRefuse.providers
  one.answers(refuses(401))
  two.answers(refuses(404))
  three.answers(refuses(400, openAiTooLong))
  const { answer } = await models.ask(allRefuse)
  expect(answer).toMatchObject({ status: 'partial', reason: 'provider_failed', text: '' })
  expect(answer.failures.map(({ provider, model, error }) => [provider, model, error.code])).toEqual([
    ['openai-compatible', 'all-refuse-1', 'provider_refused'],
    ['openai-compatible', 'all-refuse-2', 'provider_unknown_model'],
    ['openai-compatible', 'all-refuse-3', 'provider_context_too_long'],
  ])
})

/** Less than the shortest back-off, on a machine that has other things to do. */
const AT_ONCE_MS = 1_000
