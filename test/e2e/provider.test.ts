import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import {
  type Upstream,
  done,
  end,
  frame,
  startUpstream,
  stream as say,
  usage,
} from '../../services/llm-proxy/test/providers/upstream.ts'
import { type Frame, chainProblems, textOf } from './support/follower.ts'
import { followRun, get, start, stream, until } from './support/system.ts'

const KEY = 'a-key-of-no-known-form-4711'

let upstream: Upstream
let spool: SpoolUnderTest

beforeAll(async () => {
  upstream = await startUpstream()
  spool = await startSpool({
    copies: { 'llm-proxy': 2 },
    env: { OPENAI_BASE_URL: upstream.url, OPENAI_API_KEY: KEY, OPENAI_MODEL: 'a-model', LOG_LEVEL: 'debug' },
  })
})
beforeEach(() => void upstream.requests.splice(0))

afterAll(async () => {
  await spool?.stop()
  await upstream?.close()
})

type Answer = Parameters<Upstream['answerWith']>[0]

/** One answer after the other. */
function answerInTurn(...answers: Answer[]): void {
  upstream.answerWith((response) => answers.shift()!(response))
}

const finishWith =
  (...texts: string[]): Answer =>
  (response) =>
    say(response, ...texts.map((content) => frame({ content })), end(), usage(9, 4), done).end()

const eventsNamed = (frames: readonly Frame[], name: string) =>
  frames.filter(({ event }) => event === name).map(({ data }) => data)

test("a provider's answer is streamed, stored and counted, and the conversation goes along with the next question", async () => {
  answerInTurn(finishWith('It is ', 'raining.'), finishWith('Still.'))
  const first = await stream(spool, 'weather', { message: 'How is the weather?' })
  expect(chainProblems(first.frames)).toEqual([])
  expect(textOf(first.frames)).toBe('It is raining.')
  expect(first.frames.at(-1)).toMatchObject({
    event: 'run.completed',
    data: { status: 'done', usage: { input_tokens: 9, output_tokens: 4 } },
  })
  const second = await stream(spool, 'weather', { message: 'And now?' })
  expect(textOf(second.frames)).toBe('Still.')
  expect(upstream.requests[0]!.headers.authorization).toBe(`Bearer ${KEY}`)
  expect(upstream.requests[1]!.body).toMatchObject({
    model: 'a-model',
    messages: [
      { role: 'system' },
      { role: 'user', content: 'How is the weather?' },
      { role: 'assistant', content: 'It is raining.' },
      { role: 'user', content: 'And now?' },
    ],
  })
  const { messages } = await get<{ messages: { text: string; status: string }[] }>(
    spool,
    '/v1/sessions/weather/messages',
  )
  expect(messages.map(({ text }) => text)).toEqual(['How is the weather?', 'It is raining.', 'And now?', 'Still.'])
})

test('an answer that is cut off goes on where it stopped, in front of the same client', async () => {
  answerInTurn((response) => {
    say(response, frame({ content: 'Once upon ' }), frame({ content: 'a ' }))
    setImmediate(() => response.destroy())
  }, finishWith('time.'))
  const { frames } = await stream(spool, 'cut', { message: 'Tell me a story.' })
  expect(chainProblems(frames)).toEqual([])
  expect(textOf(frames)).toBe('Once upon a time.')
  expect(eventsNamed(frames, 'generation.started').map(({ kept, reason }) => [reason, kept])).toEqual([
    ['first', 0],
    ['retry', 12],
  ])
  expect(frames.at(-1)!.event).toBe('run.completed')
})

test('a proxy that is killed in mid-answer: another asks the provider to go on', async () => {
  answerInTurn((response) => say(response, frame({ content: 'Half ' })), finishWith('and whole.'))
  const { run } = await start(spool, 'killed', { message: 'go' })
  const seen: Frame[] = []
  const watching = followRun(spool, 'killed', run, { onFrame: (one) => void seen.push(one) })
  await until('half of it', () => textOf(seen) === 'Half ')
  const [started] = eventsNamed(seen, 'generation.started')
  spool.kill('llm-proxy', Number(/^llm-proxy-(\d+)-/.exec(String(started!['worker']))![1]))
  const frames = await watching
  expect(textOf(frames, run)).toBe('Half and whole.')
  expect(chainProblems(frames, frames[0]!.data.prev)).toEqual([])
  await upstream.requests[0]!.closed
})

test('a wrong key fails the run with a text that says what to do, and is nowhere to be read', async () => {
  upstream.answerWith((response) => {
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } }))
  })
  const { frames } = await stream(spool, 'refused', { message: 'Hello' })
  expect(chainProblems(frames)).toEqual([])
  const last = frames.at(-1)!
  expect(last).toMatchObject({ event: 'run.failed', data: { error: { code: 'provider_refused' } } })
  expect((last.data['error'] as { message: string }).message).toMatch(/Your message is kept.*check its key/)
  expect(JSON.stringify(last.data['attempts'])).toContain('Check OPENAI_API_KEY')
  expect(upstream.requests).toHaveLength(1)
  const page = await get(spool, '/v1/sessions/refused/messages')
  for (const readable of [JSON.stringify(frames), JSON.stringify(page), spool.logs()]) {
    expect(readable).not.toContain(KEY)
  }
})

test('a provider that is asked too often is left alone for as long as it says, and then asked again', async () => {
  let limitedAt = 0
  let askedAgainAt = 0
  answerInTurn(
    (response) => {
      limitedAt = performance.now()
      response.writeHead(429, { 'retry-after': '2' }).end('{}')
    },
    (response) => {
      askedAgainAt = performance.now()
      return finishWith('At last.')(response)
    },
  )
  const { frames } = await stream(spool, 'limited', { message: 'Hello' })
  expect(textOf(frames)).toBe('At last.')
  expect(frames.at(-1)!.event).toBe('run.completed')
  expect(eventsNamed(frames, 'generation.failed')).toMatchObject([{ error: { code: 'provider_rate_limited' } }])
  expect(askedAgainAt - limitedAt).toBeGreaterThan(1950)
})

test('a provider that cannot answer at all ends the run, with every attempt listed', async () => {
  upstream.answerWith((response) => response.writeHead(503).end('no'))
  const { frames } = await stream(spool, 'down', { message: 'Hello' })
  const last = frames.at(-1)!
  expect(last).toMatchObject({ event: 'run.failed', data: { error: { code: 'provider_unavailable' } } })
  expect(last.data['attempts']).toMatchObject(
    Array.from({ length: 3 }, () => ({ provider: 'openai-compatible', model: 'a-model' })),
  )
  expect(upstream.requests).toHaveLength(3)
  // The session is free again.
  answerInTurn(finishWith('Yes?'))
  expect(textOf((await stream(spool, 'down', { message: 'Hello?' })).frames)).toBe('Yes?')
})
