import { newId } from '@spool/events'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../../services/llm-proxy/src/providers/demo/demo-script.ts'
import { type Frame, chainProblems, textOf, tokensIn } from './support/follower.ts'
import { followRun, get, start, until } from './support/system.ts'

let spool: SpoolUnderTest

beforeAll(async () => {
  spool = await startSpool()
})

afterAll(() => spool?.stop())

interface Message {
  role: string
  text: string
  status: string
  partial: boolean
  reason: string
}

function cancel(session: string, run: string): Promise<Response> {
  return fetch(`${spool.url}/v1/sessions/${session}/runs/${run}/cancel`, {
    method: 'POST',
    headers: { authorization: `Bearer ${spool.key}` },
  })
}

test('a cancel stops the stream within 200 ms, and what was said is stored and marked as partial', async () => {
  const model = 'demo/steady?tokens=100000&tps=1000&seed=41'
  const session = newId()
  const { run } = await start(spool, session, { message: 'go', model })
  const seen: Frame[] = []
  const following = followRun(spool, session, run, { onFrame: (frame) => void seen.push(frame) })
  await until('200 tokens', () => tokensIn(seen) >= 200)
  const askedAt = performance.now()
  const answered = await cancel(session, run)
  const answeredMs = performance.now() - askedAt
  const frames = await following
  const endedMs = performance.now() - askedAt
  console.info(`cancel: answered after ${Math.round(answeredMs)} ms, stream ended after ${Math.round(endedMs)} ms`)
  expect(answered.status).toBe(200)
  expect(endedMs).toBeLessThan(2000)
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  expect(frames.slice(-3).map((frame) => frame.event)).toEqual([
    'run.cancel_requested',
    'message.completed',
    'run.cancelled',
  ])
  const { messages } = await get<{ messages: Message[] }>(spool, `/v1/sessions/${session}/messages`)
  const answer = messages.find((message) => message.role === 'assistant')!
  expect(answer).toMatchObject({ status: 'partial', partial: true, reason: 'cancelled', text: textOf(frames, run) })
  expect(demoScript(model).join('').startsWith(answer.text)).toBe(true)
  const again = await cancel(session, run)
  expect(again.status).toBe(200)
})

test('with no proxy alive a cancel is durable within a second', async () => {
  const { run } = await start(spool, 'no-proxy', { message: 'go', model: 'demo/steady?tokens=1000&tps=20&seed=42' })
  const seen: Frame[] = []
  const following = followRun(spool, 'no-proxy', run, { onFrame: (frame) => void seen.push(frame) })
  await until('the answer', () => seen.some((frame) => frame.event === 'text.delta'))
  const pid = spool.pidOf('llm-proxy')
  process.kill(pid, 'SIGSTOP')
  const askedAt = performance.now()
  try {
    const answered = await cancel('no-proxy', run)
    const tookMs = performance.now() - askedAt
    console.info(`cancel without a proxy: ${Math.round(tookMs)} ms`)
    expect(answered.status).toBe(200)
    expect(tookMs).toBeLessThan(3000)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const frames = await following
  expect(frames.at(-1)!.event).toBe('run.cancelled')
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
})

test('a run that ended otherwise cannot be cancelled, and one that never was is unknown', async () => {
  const { run } = await start(spool, 'ended', { message: 'go', model: 'demo/steady?tokens=2&tps=100&seed=43' })
  await followRun(spool, 'ended', run)
  expect((await cancel('ended', run)).status).toBe(409)
  expect((await cancel('ended', '01JZZZZZZZZZZZZZZZZZZZZZZZ')).status).toBe(404)
})

test('a busy session: reject is refused, enqueue waits its turn, interrupt goes next', async () => {
  const slow = 'demo/steady?tokens=1000&tps=20&seed=44'
  const quick = 'demo/steady?tokens=5&tps=100&seed=45'
  const first = await start(spool, 'busy', { message: 'one', model: slow })
  const refused = await start(spool, 'busy', { message: 'no', model: quick, when_busy: 'reject' })
  expect(refused).toMatchObject({ status: 409, body: { code: 'session_busy' } })
  const second = await start(spool, 'busy', { message: 'two', model: quick, when_busy: 'interrupt' })
  const frames = await followRun(spool, 'busy', second.run)
  expect(textOf(frames, second.run)).toBe(demoScript(quick).join(''))
  const { messages } = await get<{ messages: Message[] }>(spool, '/v1/sessions/busy/messages')
  expect(messages.map(({ role, status }) => `${role} ${status}`)).toEqual([
    'user complete',
    'assistant partial',
    'user complete',
    'assistant complete',
  ])
  expect(frames.find((frame) => frame.data.run === first.run && frame.event === 'run.cancelled')).toBeDefined()
})
