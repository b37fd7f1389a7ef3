import { describe, expect, test } from 'vitest'
import { Spool } from '../src/index.ts'
import { type Act, answers, hangsUp, refuses, scriptedServer } from './support/scripted-server.ts'

const BEGUN = answers(201, { session: 's', run: 'r', message: 'm', cursor: '0' })
const quick = { firstMs: 1, maxMs: 2 }

async function session(...acts: Act[]) {
  const { url, received } = await scriptedServer(...acts)
  const spool = new Spool({ url, key: 'k', backoff: quick, giveUpAfterMs: 500 })
  const bodies = () => received.map(({ body }) => (body === '' ? null : (JSON.parse(body) as Record<string, unknown>)))
  return { session: spool.session('s'), received, bodies }
}

const chunk = (sequence: number) => ({ sequence, text: `${sequence}`, at: '', interval_ms: null })
const taken = (sequence: number) => answers(200, { sequence })

describe('a message of our own', () => {
  test('is begun, written and finalized; what got no answer is sent again under its number', async () => {
    const ended = { message: 'm', status: 'complete', finish_reason: 'stop', cursor: '1-9' }
    const {
      session: one,
      received,
      bodies,
    } = await session(
      hangsUp,
      BEGUN,
      taken(1),
      hangsUp,
      refuses(503, 'shutting_down'),
      taken(2),
      hangsUp,
      answers(200, ended),
    )
    const response = await one.beginStreamingResponse('my-model')
    expect(response).toMatchObject({ message: 'm', run: 'r', cursor: '0' })
    const numbers = await Promise.all([response.appendStreamingChunk('a'), response.appendStreamingChunk('b')])
    expect(numbers).toEqual([1, 2])
    const usage = { input_tokens: 1, output_tokens: 2 }
    expect(await response.finalizeStreamingResponse('stop', usage)).toEqual(ended)
    const [first, second] = received
    expect(first!.headers['idempotency-key']).toBe(second!.headers['idempotency-key'])
    expect(received.map(({ path }) => path.split('/').at(-1))).toEqual(
      'messages messages chunks chunks chunks chunks finalize finalize'.split(' '),
    )
    expect(bodies().slice(1)).toEqual([
      { role: 'assistant', model: 'my-model' },
      { text: 'a', sequence: 1 },
      ...Array.from({ length: 3 }, () => ({ text: 'b', sequence: 2 })),
      ...Array.from({ length: 2 }, () => ({ finish_reason: 'stop', usage })),
    ])
  })

  test('has room for events of its own', async () => {
    const { session: one, received, bodies } = await session(BEGUN, taken(1), answers(201, { cursor: '1-7' }))
    const response = await one.beginStreamingResponse()
    void response.appendStreamingChunk('a')
    expect(await response.emit('custom.weather.seen', { degrees: 21 })).toBe('1-7')
    expect(received[2]!.path).toBe('/v1/sessions/s/messages/m/custom')
    expect(bodies()[2]).toEqual({ type: 'custom.weather.seen', data: { degrees: 21 } })
  })

  test('never goes out with half a character, and in pieces where it is long', async () => {
    const long = '🙂'.repeat(20_000)
    const { session: one, bodies } = await session(BEGUN, ...[1, 2, 3, 4, 5, 6].map(taken), answers(200, {}))
    const response = await one.beginStreamingResponse()
    expect(await response.appendStreamingChunk('a\ud83d')).toBe(1)
    expect(await response.appendStreamingChunk('\ude42')).toBe(2)
    expect(await response.appendStreamingChunk(long)).toBe(5)
    expect(await response.appendStreamingChunk('\ud83d')).toBe(5)
    await response.finalizeStreamingResponse()
    const texts = bodies()
      .slice(1, -1)
      .map((body) => String(body!['text']))
    expect(texts.join('')).toBe(`a🙂${long}\ufffd`)
    expect(texts.every((text) => text.isWellFormed())).toBe(true)
  })

  test('that could not be sent is sent by the same call, made again; what came behind it was not sent', async () => {
    const { session: one, received } = await session(BEGUN, refuses(400, 'odd'), taken(1), taken(2))
    const response = await one.beginStreamingResponse()
    const outcomes = await Promise.allSettled([response.appendStreamingChunk('a'), response.appendStreamingChunk('b')])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(received).toHaveLength(2)
    expect(await response.appendStreamingChunk('a')).toBe(1)
    expect(await response.appendStreamingChunk('b')).toBe(2)
  })

  test('that has ended says so', async () => {
    const { session: one } = await session(BEGUN, refuses(409, 'message_closed'))
    const response = await one.beginStreamingResponse()
    await expect(response.appendStreamingChunk('late')).rejects.toMatchObject({ code: 'message_closed' })
  })

  test('is taken up again behind its last chunk', async () => {
    const page = { message: 'm', chunks: [], current_sequence: 7, attempt: 0, finished: false, more: false }
    const { session: one, bodies } = await session(answers(200, page), taken(8))
    expect(await one.streamingResponse('m').appendStreamingChunk('on')).toBe(8)
    expect(bodies()[1]).toEqual({ text: 'on', sequence: 8 })
  })

  test('is read in chunks, page by page', async () => {
    const end = { current_sequence: 3, attempt: 1, finished: true }
    const { session: one, received } = await session(
      answers(200, { chunks: [chunk(1), chunk(2)], ...end, more: true }),
      answers(200, { chunks: [chunk(3)], ...end, more: false }),
    )
    expect(await one.getStreamingChunksAfter('m')).toEqual({ chunks: [1, 2, 3].map(chunk), ...end })
    expect(received.map(({ path }) => path)).toEqual([
      '/v1/sessions/s/messages/m/chunks?after=0',
      '/v1/sessions/s/messages/m/chunks?after=2',
    ])
  })
})

test('the calls of before 0.2.0 still do what they did', async () => {
  const { session: one, bodies } = await session(BEGUN, taken(1), answers(200, {}), answers(200, {}), answers(200, {}))
  const response = await one.beginStreamingResponse()
  await response.applyStreamingDelta('a')
  await response.finishStreamingResponse({ input_tokens: 1, output_tokens: 2 })
  await response.abortStreamingResponse('out of paper')
  await response.abortStreamingResponse()
  expect(bodies().slice(1)).toEqual([
    { text: 'a', sequence: 1 },
    { finish_reason: 'stop', usage: { input_tokens: 1, output_tokens: 2 } },
    { finish_reason: 'error: out of paper' },
    { finish_reason: 'error: aborted' },
  ])
})
