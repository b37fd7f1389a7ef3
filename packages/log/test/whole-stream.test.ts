import { type RunningNats, startNats, startTcpProxy } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Log, readStream, type StreamedEvent, streamExtent } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { eventually } from './support/eventually.ts'
import { newSession, written } from './support/sessions.ts'

let nats: RunningNats
beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
})
afterAll(() => nats?.stop())

/** Reads all of the shard from now on, until it is stopped or ends. */
async function reading(log: Log) {
  const { lastSeq, epoch } = await streamExtent(log, 0)
  const events: StreamedEvent[] = []
  const stop = new AbortController()
  let after = lastSeq
  const once = async () => {
    for await (const page of readStream(log, 0, epoch, after, stop.signal)) {
      events.push(...page)
      after = page.at(-1)!.stored.seq
    }
  }
  onTestFinished(() => stop.abort())
  return { events, once, stop, lastSeq }
}

const seqs = (events: readonly StreamedEvent[]) => events.map(({ stored }) => stored.seq)
const from = (after: number, count: number) => Array.from({ length: count }, (_, at) => after + 1 + at)

test('whoever reads on after the consumer is gone has every event once, in order', async () => {
  const log = await openLog(nats.url)
  const { events, once, lastSeq } = await reading(log)
  const first = once()
  const ref = newSession()
  await written(log, ref, 50)
  await eventually(() => events.length).toBe(50)
  const stream = log.subjects.logStream(ref)
  for await (const { name } of log.bus.jsm.consumers.list(stream)) await log.bus.jsm.consumers.delete(stream, name)
  // The server says so; nobody waits for a silence.
  const endedAt = performance.now()
  await first
  expect(performance.now() - endedAt).toBeLessThan(4000)
  await written(log, newSession(), 50)
  void once()
  await eventually(() => events.length).toBe(100)
  expect(seqs(events)).toEqual(from(lastSeq, 100))
})

test('an event that is lost on the way is read again', async () => {
  const proxy = await startTcpProxy({ port: nats.port })
  onTestFinished(() => proxy.stop())
  const log = await openLog(`nats://127.0.0.1:${proxy.port}`)
  const writer = await openLog(nats.url)
  const { events, once, lastSeq } = await reading(log)
  let loses = false
  proxy.intercept('down', (chunk) => {
    const text = chunk.toString('latin1')
    if (!loses || !text.startsWith('HMSG log.')) return chunk
    loses = false
    return null
  })
  const first = once()
  await written(writer, newSession(), 5)
  await eventually(() => events.length).toBe(5)
  loses = true
  await written(writer, newSession(), 20)
  await first
  expect(loses).toBe(false)
  void once()
  await eventually(() => events.length).toBe(25)
  expect(seqs(events)).toEqual(from(lastSeq, 25))
})

test('an abort ends it at once, before it has begun and while nothing comes', async () => {
  const log = await openLog(nats.url)
  const { once, stop } = await reading(log)
  const idle = once()
  await written(log, newSession(), 1)
  const at = performance.now()
  stop.abort()
  await idle
  await once()
  expect(performance.now() - at).toBeLessThan(2000)
})
