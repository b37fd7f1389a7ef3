import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuses, says, stopAtFilter } from '../support/fault-server-acts.ts'
import type { Act } from '../support/fault-server.ts'
import { faults } from '../support/verdict.ts'
import { courseOf } from './support/course-of.ts'
import { FaultyModels } from './support/faulty-models.ts'

const badRequest = { message: 'temperature must be at most 2' }
const filtered = { code: 'content_filter', message: 'The prompt was filtered.' }

const refusing: [what: string, code: string, advice: RegExp, act: Act, reason: string][] = [
  ['400', 'provider_bad_request', /temperature must be at most 2/, refuses(400, badRequest), 'provider_failed'],
  ['422', 'provider_bad_request', /temperature must be at most 2/, refuses(422, badRequest), 'provider_failed'],
  ['content-filter', 'provider_content_filtered', /Put it differently/, refuses(400, filtered), 'content_filter'],
]

const models = new FaultyModels()
const refused = refusing.map(([what]) => models.add(what, {}, {}))
const badForAnthropic = models.add('anthropic-400', { provider: 'anthropic' }, {})
const filteredLater = models.add('filtered-later', {}, {})
const refusedLater = models.add('refused-later', { provider: 'anthropic' }, {})
beforeAll(() => models.start())
afterAll(() => models.stop())

test.concurrent.each(
  refusing.map(([what, code, advice, act, reason], index) => ({
    what,
    code,
    advice,
    act,
    reason,
    model: refused[index]!,
  })),
)(
  '$what: no other attempt and no other route; the text says what to do',
  async ({ code, advice, act, reason, model }) => {
    const [first, second] = model.providers
    first.answers(act)
    const { answer, events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([`first ${model.alias}-1 0`, code, `partial: ${reason}`])
    expect(answer.failures[0]!.error.message).toMatch(advice)
    expect([first.calls.length, second.calls.length]).toEqual([1, 0])
  },
)

test.concurrent('a request that Anthropic cannot use ends the message, too', async () => {
  const [first, second] = badForAnthropic.providers
  first.answers(refuses(400, { type: 'invalid_request_error', message: 'max_tokens: must be positive' }))
  const { answer } = await models.ask(badForAnthropic)
  expect(answer).toMatchObject({
    status: 'partial',
    reason: 'provider_failed',
    failures: [{ error: { code: 'provider_bad_request' } }],
  })
  expect(answer.failures[0]!.error.message).toMatch(/max_tokens: must be positive/)
  expect([first.calls.length, second.calls.length]).toEqual([1, 0])
})

test.concurrent.each([filteredLater, refusedLater])(
  'an answer that a filter stops keeps what was said, is not gone on with, and says what to do ($alias)',
  async (model) => {
    const [first, second] = model.providers
    first.answers(says('Once ', stopAtFilter(5, 2)))
    const { answer, events } = await models.ask(model)
    expect(faults(events)).toEqual([])
    expect(courseOf(events)).toEqual([
      `first ${model.alias}-1 0`,
      '"Once "',
      'provider_content_filtered',
      'partial: content_filter',
    ])
    expect(answer.failures[0]!.error.message).toMatch(/Put it differently/)
    // It was an answer, and is paid for.
    expect(answer.usage).toMatchObject({ input_tokens: 5, output_tokens: 2 })
    expect([first.calls.length, second.calls.length]).toEqual([1, 0])
  },
)
