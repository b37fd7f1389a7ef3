import { Spool } from '@spool/client'
import { streamExtent } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRunning } from './support/running.ts'
import { get, post, start, until } from './support/system.ts'

let spool: SpoolUnderTest
let running: Awaited<ReturnType<typeof openRunning>>

beforeAll(async () => {
  spool = await startSpool({
    copies: { gateway: 2 },
    env: { SPOOL_HOT_WINDOW_MS: '1000', SPOOL_PRODUCER_SILENT_MS: '2000' },
  })
  running = await openRunning(spool)
})
afterAll(async () => {
  await running?.bus.close()
  await spool?.stop()
})

/** As somebody who does not give up while everything is started again. */
const sessionAt = (gateway: number, session: string) =>
  new Spool({ url: spool.urls[gateway]!, key: spool.key, backoff: { firstMs: 50, maxMs: 200 } }).session(session)

const words = Array.from({ length: 60 }, (_, at) => `${at + 1} 🙂 `)

async function messageOf(session: string, message: string): Promise<Record<string, unknown>> {
  const page = await get<{ message: Record<string, unknown> }>(spool, `/v1/sessions/${session}/messages/${message}`)
  return page.message
}

test('a message that was being written while everything died is whole, also once nothing of it is in NATS', async () => {
  const session = 'carried'
  const key = 'begun-once'
  const response = await sessionAt(0, session).beginStreamingResponse('theirs', { idempotencyKey: key })
  const { message } = response
  for (const [at, word] of words.entries()) {
    // Not one is awaited on its own: what is under way when all dies is sent again.
    const appended = response.appendStreamingChunk(word)
    if (at % 10 === 9) await appended
    if (at === 29) {
      for (const copy of [1, 2]) spool.kill('gateway', copy)
      for (const name of ['agent-orchestrator', 'llm-proxy', 'persistence', 'nats', 'postgres']) spool.kill(name)
    }
  }
  const usage = { input_tokens: 7, output_tokens: 60 }
  const ended = await response.finalizeStreamingResponse('stop', usage)
  await spool.waitReady()
  expect(await messageOf(session, message)).toMatchObject({
    text: words.join(''),
    status: 'complete',
    usage,
    streaming: { chunks_count: 60 },
  })
  // One that comes later, so that this session's own events may leave to the last.
  await start(spool, 'later', { message: 'hi', model: 'demo/steady?tokens=3&seed=81' })
  const last = Number(ended.cursor.split('-')[1])
  await until('its last event has left', async () => (await streamExtent(running.log, 0)).firstSeq > last)

  // A gateway that has not been asked for it since it was started.
  const elsewhere = sessionAt(1, session)
  const pulled = await elsewhere.getStreamingChunksAfter(message)
  expect(pulled).toMatchObject({ current_sequence: 60, attempt: 0, finished: true })
  expect(pulled.chunks.map(({ text }) => text)).toEqual(words)
  expect(pulled.chunks.map(({ sequence }) => sequence)).toEqual(words.map((_, at) => at + 1))
  expect((await elsewhere.getStreamingChunksAfter(message, 58)).chunks).toEqual(pulled.chunks.slice(58))

  // What was said then is said now.
  const chunks = `/v1/sessions/${session}/messages/${message}/chunks`
  expect(await post(spool, chunks, { text: words[11], sequence: 12 })).toEqual({ status: 200, body: { sequence: 12 } })
  expect(await post(spool, chunks, { text: 'another', sequence: 12 })).toMatchObject({
    body: { code: 'chunk_conflict' },
  })
  const again = await elsewhere.beginStreamingResponse('theirs', { idempotencyKey: key })
  expect(again).toMatchObject({ message, run: response.run, cursor: response.cursor })
  expect(await elsewhere.streamingResponse(message).finalizeStreamingResponse('stop', usage)).toEqual(ended)
})

test('a producer that died leaves a partial message, with the gateway that took its calls; one that lives goes on', async () => {
  const dying = await sessionAt(0, 'dying').beginStreamingResponse()
  await dying.appendStreamingChunk('Half a sen')
  // Somebody waits for it, which is no sign of life.
  const waiting = await start(spool, 'dying', { message: 'hi', model: 'demo/steady?tokens=3&seed=82' })
  const living = await sessionAt(1, 'living').beginStreamingResponse()
  spool.kill('gateway', 1)
  const beat = () =>
    fetch(`${spool.urls[1]}/v1/sessions/living/messages/${living.message}/custom`, {
      method: 'POST',
      headers: { authorization: `Bearer ${spool.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ type: 'custom.thinking' }),
    })
  let beats = 0
  const beating = setInterval(() => void beat().then(({ status }) => (beats += status === 201 ? 1 : NaN)), 500)
  try {
    await spool.waitReady()
    await until('it is closed', async () => (await messageOf('dying', dying.message))['status'] === 'partial')
  } finally {
    clearInterval(beating)
  }
  expect(await messageOf('dying', dying.message)).toMatchObject({ reason: 'producer_silent', text: 'Half a sen' })
  const { run } = await get<{ run: object }>(spool, `/v1/sessions/dying/runs/${dying.run}`)
  expect(run).toMatchObject({ kind: 'external', status: 'failed', error: { code: 'producer_silent' } })
  const isDone = async () => {
    const { run: next } = await get<{ run: { status: string } }>(spool, `/v1/sessions/dying/runs/${waiting.run}`)
    return next.status === 'done'
  }
  await until('who waited had a turn', isDone)
  await expect(dying.appendStreamingChunk('tence')).rejects.toMatchObject({
    code: 'message_closed',
    problem: { reason: 'producer_silent' },
  })
  expect(beats).toBeGreaterThan(2)
  await living.appendStreamingChunk('Here I am')
  expect(await living.finalizeStreamingResponse()).toMatchObject({ status: 'complete' })
})

test('two programs that write one message do not overwrite each other; a cancel stops both', async () => {
  const one = await sessionAt(0, 'raced').beginStreamingResponse()
  const two = sessionAt(1, 'raced').streamingResponse(one.message)
  const taken = { one: 0, two: 0 }
  for (let round = 0; round < 10; round++) {
    const outcomes = await Promise.allSettled([
      one.appendStreamingChunk(`one ${round}. `),
      two.appendStreamingChunk(`two ${round}. `),
    ])
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.status === 'fulfilled') taken[at === 0 ? 'one' : 'two']++
      else expect(outcome.reason).toMatchObject({ code: 'chunk_conflict' })
    }
  }
  const { chunks } = await sessionAt(1, 'raced').getStreamingChunksAfter(one.message)
  expect(chunks).toHaveLength(taken.one + taken.two)
  expect(new Set(chunks.map(({ text }) => text)).size).toBe(chunks.length)
  const cancelled = sessionAt(1, 'raced')
  await cancelled.cancel(one.run!)
  for (const producer of [one, two]) {
    await expect(producer.appendStreamingChunk('more')).rejects.toMatchObject({ status: 409 })
  }
  const { message } = await cancelled.message(one.message)
  expect(message).toMatchObject({ status: 'partial', reason: 'cancelled' })
})
