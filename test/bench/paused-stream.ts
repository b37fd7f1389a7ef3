/**
 * A stream that waits for a person, with the time between signs of life as it is shipped. The dialect that pauses its
 * stream asks, nobody answers for a minute, then a second request does, and the first stream goes on to its end.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSpool } from '@spool/testing'
import { ChatStream } from '../conformance/support/chat-stream.ts'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'

const PATH = '/api/v1/chat/stream'
const SIGN_EVERY_S = 15

export async function measurePausedStream({ quick, sync }: Setting): Promise<Figure[]> {
  const seconds = quick ? 2 : 62
  const spool = await startSpool()
  try {
    const body = { agent: 'demo-plan', message: 'wait 1 s, then send a postcard to Ada', language: 'zh' }
    const stream = await ChatStream.open(spool, PATH, { body })
    await stream.until(({ jsons }) => jsons.at(-1)?.['stream_paused'] === true)
    const asked = stream.frames.length
    await sleep(seconds * 1000)
    assert.equal(stream.frames.length, asked)
    const signs = stream.comments
    const answer = { session_id: stream.session, message: 'CONFIRM_ACTION:confirm' }
    const answeredAt = performance.now()
    await (await ChatStream.open(spool, PATH, { body: answer })).ended()
    await stream.ended()
    const { chunk_type, finished } = stream.jsons.at(-1)!
    assert.deepEqual([chunk_type, finished], ['completion', true])
    const wanted = Math.floor(seconds / SIGN_EVERY_S) - 1
    return [
      {
        what: `a stream that waited ${seconds} s for a person: signs of life until then`,
        unit: 'count',
        sync,
        spool: { signs },
        beside: {},
        asked: { text: `at least ${Math.max(0, wanted)}, and it goes on to its end`, reached: signs >= wanted },
        note: `It was over ${((performance.now() - answeredAt) / 1000).toFixed(1)} s after the answer, of which the tool waits 1 s.`,
      },
    ]
  } finally {
    await spool.stop()
  }
}

if (import.meta.main) await measured(measurePausedStream)
