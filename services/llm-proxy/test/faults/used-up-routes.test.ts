import { type Usage, emptySession, messageOf, runOf } from '@spool/events'
import { type StoredEvent, foldStored } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Gate, callsTools, finish, isSilent, refuses, reset, says } from '../support/fault-server-acts.ts'
import type { Conversation } from '../support/conversation.ts'
import { until } from '../support/until.ts'
import { faults } from '../support/verdict.ts'
import { FaultyModels, finished } from './support/faulty-models.ts'

const models = new FaultyModels()
const hopeless = models.add(
  'hopeless',
  { attempts: 2 },
  { first_token_timeout_ms: 150, attempts: 2 },
  { provider: 'anthropic' },
)
const costly = models.add('costly', { attempts: 2 }, {})
const costlyThrice = models.add('costly-thrice', { attempts: 2 }, { provider: 'anthropic', attempts: 1 }, {})
const toldEarly = models.add('told-early', { provider: 'anthropic', attempts: 2 })
const cancelled = models.add('cancelled', { provider: 'anthropic' })
const odd = models.add('odd', {})
beforeAll(() => models.start())
afterAll(() => models.stop())

test.concurrent('routes that all fail: the message is closed, every attempt is on record, and the run can go on', async () => {
  const [refusing, silent, wrongKey] = hopeless.providers
  refusing.answers(refuses(500), refuses(429))
  silent.answers(isSilent)
  wrongKey.answers(refuses(401, { type: 'authentication_error' }))
  const { conversation, answer, events } = await models.ask(hopeless)
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'partial', reason: 'provider_failed', text: '' })
  expect(answer.failures).toMatchObject([
    { attempt: 1, provider: 'openai-compatible', model: 'hopeless-1', error: { code: 'provider_unavailable' } },
    { attempt: 2, provider: 'openai-compatible', model: 'hopeless-1', error: { code: 'provider_rate_limited' } },
    { attempt: 3, provider: 'openai-compatible', model: 'hopeless-2', error: { code: 'provider_timed_out' } },
    { attempt: 4, provider: 'openai-compatible', model: 'hopeless-2', error: { code: 'provider_timed_out' } },
    { attempt: 5, provider: 'anthropic', model: 'hopeless-3', error: { code: 'provider_refused' } },
  ])
  for (const { error } of answer.failures) expect(error.message).toMatch(/^[^\n]{20,300}$/)
  const { log, bus } = models.system
  const step = log.subjects.work(conversation.ref, 'run', String(events.at(-1)!.seq))
  await until('the orchestrator is asked to go on, and nobody to answer', async () => {
    const { state } = await bus.jsm.streams.info('WORK', { subjects_filter: 'work.>' })
    const jobs = Object.keys(state.subjects ?? {}).filter((subject) => subject.includes(conversation.ref.session))
    return jobs.length === 1 && jobs[0] === step
  })
})

test.concurrent('what an attempt cost is counted once, also where its events are read again', async () => {
  const [first, second] = costly.providers
  const gate = new Gate()
  first.answers(says('Once ', gate.passed, reset), refuses(500))
  second.answers(says('upon a time.', finish(11, 7)))
  const conversation = await models.begin(costly)
  await conversation.untilText('Once '.length)
  gate.open()
  const { events, answer } = await finished(conversation)
  expect(answer.attempt).toBe(3)
  expectCounted(conversation, events, { input_tokens: 11, output_tokens: 7 })
})

test.concurrent('what several attempts cost is added up: they were answers, although nobody could take them down', async () => {
  const [first, second, third] = costlyThrice.providers
  first.answers(says(callsTools(5, 60_000), finish(1, 20)), says(callsTools(5, 60_000), finish(2, 40)))
  second.answers(says(callsTools(5, 60_000), finish(4, 80)))
  third.answers(says('Once.', finish(8, 160)))
  const { conversation, answer, events } = await models.ask(costlyThrice)
  expect(answer).toMatchObject({ status: 'complete', text: 'Once.', attempt: 4 })
  expectCounted(conversation, events, { input_tokens: 15, output_tokens: 300 })
})

test.concurrent('what a provider tells before its answer breaks off, or is cancelled, is counted too', async () => {
  const [breaking] = toldEarly.providers
  breaking.answers(says('Once ', reset), says('upon a time.', finish(11, 7)))
  const { conversation, answer, events } = await models.ask(toldEarly)
  expect(answer).toMatchObject({ status: 'complete', attempt: 2 })
  expectCounted(conversation, events, { input_tokens: 3 + 11, output_tokens: 1 + 7 })
  cancelled.providers[0].answers(says('Once '))
  const stopped = await models.begin(cancelled)
  await stopped.untilText('Once '.length)
  await stopped.cancel()
  const end = await finished(stopped)
  expect(end.answer.reason).toBe('cancelled')
  expectCounted(stopped, end.events, { input_tokens: 3, output_tokens: 1 })
})

test.concurrent('counts of tokens that are none cost no second call', async () => {
  const [provider] = odd.providers
  for (const [input, output] of [
    [-5, 1.4],
    [1e300, -0.1],
  ] as const) {
    provider.answers(says('Once.', finish(input, output)))
    const { answer, events } = await models.ask(odd)
    expect(faults(events)).toEqual([])
    expect(answer).toMatchObject({ status: 'complete', text: 'Once.', attempt: 1 })
  }
})

/** In the message and in its run, also when every event is read twice. */
function expectCounted({ run, message }: Conversation, events: readonly StoredEvent[], usage: Partial<Usage>): void {
  let state = emptySession()
  for (const event of [...events, ...events]) state = foldStored(state, event)
  expect(messageOf(state, message)!.usage).toMatchObject(usage)
  expect(runOf(state, run)!.usage).toMatchObject(usage)
}
