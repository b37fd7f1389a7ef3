import { EventTooLarge, MAX_EVENT_BYTES } from '@spool/events'
import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { AppendNotPermitted, Bus, ChainWriter, Log } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { appended, chainFault, newSession, note, noteText, wholeChain } from './support/sessions.ts'

let nats: RunningNats

beforeAll(async () => {
  nats = await startNats({
    config: `authorization { users: [
      { user: writer, password: w }
      { user: reader, password: r, permissions: { publish: { deny: "log.>" } } }
    ] }
    no_auth_user: writer`,
  })
  await provisioned(nats.url, { logMaxBytes: 1024 ** 2 })
})
afterAll(() => nats.stop())

const ofBytes = (bytes: number) => ({ ...note('large'), body: new Uint8Array(bytes).fill(32) })

test('an event of 256 KiB is stored, a larger one is refused', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  const writer = new ChainWriter(log, ref, 0)
  await appended(writer, ofBytes(MAX_EVENT_BYTES))
  await expect(writer.append(ofBytes(MAX_EVENT_BYTES + 1))).rejects.toThrow(EventTooLarge)
  await appended(writer, note('small'))
  expect((await wholeChain(log, ref)).map(({ body }) => body.length)).toEqual([MAX_EVENT_BYTES, expect.any(Number)])
})

test('an append into a full stream waits, says so once, and goes on when there is room', async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  const archive = log.archive as MemoryArchive
  let full = 0
  const writer = new ChainWriter(log, ref, 0, { onFull: () => full++ })
  const texts = Array.from({ length: 8 }, (_, i) => `${i} ${'x'.repeat(150_000)}`)
  const seqs: number[] = []
  const writing = (async () => {
    for (const text of texts) seqs.push(await appended(writer, note(text)))
  })()
  await eventually(() => full).toBe(1)
  expect(seqs.length).toBeLessThan(8)
  const events = await wholeChain(log, ref)
  archive.store(ref, events)
  await log.bus.jsm.streams.purge('LOG', { seq: events.at(-1)!.seq })
  await writing
  expect(full).toBe(1)
  const chain = await wholeChain(log, ref)
  expect(chain.map(noteText)).toEqual(texts)
  expect(chainFault(chain)).toBeNull()
})

test('a user without the right to append is told so', async () => {
  const bus = await Bus.connect({ servers: nats.url, name: 'reader', user: 'reader', pass: 'r', ackTimeoutMs: 300 })
  onTestFinished(() => bus.close())
  const log = await Log.open(bus, new MemoryArchive())
  await expect(new ChainWriter(log, newSession(), 0).append(note('no'))).rejects.toThrow(AppendNotPermitted)
})

test('an append whose connection was closed for good ends', async () => {
  const log = await openLog(nats.url)
  const writer = new ChainWriter(log, newSession(), 0)
  await log.bus.close()
  await expect(writer.append(note('late'))).rejects.toThrow()
})
