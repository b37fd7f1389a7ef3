/**
 * A stream that waits for a person, with the time between signs of life as it is shipped:
 * `npm run build && node test/bench/paused-stream.ts [seconds]`. The dialect that pauses its stream asks, nobody answers for
 * so long, then a second request does, and the first stream goes on to its end. Fails where it does not.
 */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSpool } from '@spool/testing'
import { ChatStream } from '../conformance/support/chat-stream.ts'

const seconds = Number(process.argv[2] ?? 62)
const PATH = '/api/v1/chat/stream'

const spool = await startSpool()
try {
  const body = { agent: 'demo-plan', message: 'wait 1 s, then send a postcard to Ada', language: 'zh' }
  const stream = await ChatStream.open(spool, PATH, { body })
  await stream.until(({ jsons }) => jsons.at(-1)?.['stream_paused'] === true)
  const asked = stream.frames.length
  const startedAt = performance.now()
  const elapsed = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`
  process.stdout.write(`paused: ${String(stream.jsons.at(-1)!['chunk'])}\n`)

  await sleep(seconds * 1000)
  assert.equal(stream.frames.length, asked)
  assert.ok(stream.comments >= Math.floor(seconds / 15) - 1)
  process.stdout.write(`still open after ${elapsed()}, with ${stream.comments} signs of life\n`)

  const answer = { session_id: stream.session, message: 'CONFIRM_ACTION:confirm' }
  const received = await (await ChatStream.open(spool, PATH, { body: answer })).ended()
  process.stdout.write(`answered after ${elapsed()}: ${String(received.jsons[0]!['chunk'])}\n`)
  await stream.ended()
  const { chunk_type, chunk, finished } = stream.jsons.at(-1)!
  assert.deepEqual([chunk_type, finished], ['completion', true])
  process.stdout.write(`over after ${elapsed()}, ${stream.frames.length - asked} frames later: ${String(chunk)}\n`)
} finally {
  await spool.stop()
}
