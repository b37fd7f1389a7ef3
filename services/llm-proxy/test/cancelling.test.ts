import { announce } from '@spool/log'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { demoScript } from '../src/providers/demo/demo-script.ts'
import { type Upstream, frame, startUpstream, stream } from './providers/upstream.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'
import { faults, shownText, typesOf } from './support/verdict.ts'

let system: System
let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
  system = await System.start()
  await system.proxy({ OPENAI_BASE_URL: upstream.url })
})
beforeEach(() => void upstream.requests.splice(0))
afterAll(async () => {
  await system?.stop()
  await upstream?.close()
})

/** What is promised is 100 ms; other tests may be using the same processors. */
const LIMIT_MS = 10 * 100

test('a cancel at any moment closes the message exactly once, and what was said before is kept', async () => {
  const model = 'demo/steady?tokens=30&tps=400&seed=6'
  const whole = demoScript(model).join('')
  const reasons: (string | null)[] = []
  for (let round = 0; round < 50; round++) {
    const conversation = new Conversation(system.log)
    await conversation.ask(model)
    const waitUntil = performance.now() + Math.random() * 120
    await until('the moment', () => performance.now() >= waitUntil, 1000, 1)
    await conversation.cancel()
    const answer = await conversation.closed()
    const events = await conversation.events()
    expect(faults(events)).toEqual([])
    expect(whole.startsWith(shownText(events))).toBe(true)
    const isCancelled = typesOf(events).includes('run.cancel_requested')
    if (answer.status === 'complete') expect(answer.text).toBe(whole)
    else expect([isCancelled, answer.reason]).toEqual([true, 'cancelled'])
    reasons.push(answer.reason)
  }
  expect(new Set(reasons)).toContain('cancelled')
}, 60_000)

test('a cancel closes the connection to the provider, also while that says nothing', async ({ annotate }) => {
  const tookMs: number[] = []
  for (const [asked, frames] of [[], [frame({ content: 'Once' })], [frame({ content: 'Once' })]].entries()) {
    upstream.answerWith((response) => stream(response, ...frames))
    const conversation = new Conversation(system.log)
    await conversation.ask('some-model')
    await until('the request', () => upstream.requests.length > asked)
    if (frames.length > 0) await conversation.untilText(4)
    const appendedAt = (await conversation.cancel())!
    await upstream.requests[asked]!.closed
    tookMs.push(performance.now() - appendedAt)
    const answer = await conversation.closed()
    expect(answer).toMatchObject({ status: 'partial', reason: 'cancelled', text: frames.length > 0 ? 'Once' : '' })
    expect(faults(await conversation.events())).toEqual([])
  }
  await annotate(`connection closed after ${tookMs.map((ms) => ms.toFixed(1)).join(', ')} ms`)
  expect(Math.max(...tookMs)).toBeLessThan(LIMIT_MS)
})

test('a cancel whose notice was lost is found in the log, although the provider says nothing', async () => {
  const conversation = new Conversation(system.log)
  await conversation.ask('demo/hang?after=1')
  await conversation.untilText(1)
  await conversation.requestCancel()
  expect((await conversation.closed()).reason).toBe('cancelled')
  expect(faults(await conversation.events())).toEqual([])
})

test('a notice that no cancel follows, because the canceller died, changes nothing', async () => {
  const model = 'demo/steady?tokens=40&tps=100&seed=7'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  await conversation.untilText(20)
  announce(system.log, conversation.ref, 'cancel')
  const answer = await conversation.closed()
  expect(answer).toMatchObject({ status: 'complete', text: demoScript(model).join('') })
  expect(faults(await conversation.events())).toEqual([])
})

test('a cancel before anybody has begun: the provider is not called at all', async () => {
  const conversation = new Conversation(system.log)
  await conversation.request('demo/steady?tokens=5&seed=8')
  await conversation.requestCancel()
  await conversation.publish()
  expect(await conversation.closed()).toMatchObject({ status: 'partial', reason: 'cancelled', attempt: 0 })
  expect(typesOf(await conversation.events())).not.toContain('generation.started')
})

test('a cancel in the pause before the next attempt ends it there', async () => {
  upstream.answerWith((response) => response.writeHead(429, { 'retry-after': '50' }).end('{}'))
  const conversation = new Conversation(system.log)
  await conversation.ask('some-model')
  await until('the failure', async () => (await conversation.refresh(), conversation.answer.failures.length === 1))
  await conversation.cancel()
  expect(await conversation.closed()).toMatchObject({ status: 'partial', reason: 'cancelled', attempt: 1 })
  expect(faults(await conversation.events())).toEqual([])
  expect(upstream.requests).toHaveLength(1)
})
