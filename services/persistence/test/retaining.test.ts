import { newId } from '@spool/events'
import { ChainWriter, eventIdAt, SessionErased, type SessionRef, streamExtent } from '@spool/log'
import { connectionOptions, openDatabase } from '@spool/store'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { purgeStored } from '../src/retaining/purge-stored.ts'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { metricOf } from './support/metrics.ts'
import { type Copy, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { leftInStream, rowsOf } from './support/what-is-left.ts'

const WINDOW_MS = 1000

let system: System
let copy: Copy

beforeAll(async () => {
  system = await startSystem({ logMaxBytes: 2 * 1024 ** 2 })
  copy = system.startCopy({ SPOOL_HOT_WINDOW_MS: String(WINDOW_MS) })
  await system.ready()
})
afterAll(() => system.stop())

/** Whole, in order and nothing twice, from wherever it now lies. */
async function chainOf(ref: SessionRef): Promise<number[]> {
  const seqs: number[] = []
  for await (const event of system.log.read(ref, 0, await system.log.lastPosition(ref))) {
    expect(event.prev).toBe(seqs.at(-1) ?? 0)
    seqs.push(event.seq)
  }
  return seqs
}

const purged = (reason: string) => metricOf(copy, `persistence_log_purged_total{reason="${reason}"`)

/** Until the returned function is called, nothing can be stored. */
async function storingHeldUp(): Promise<() => Promise<void>> {
  const client = new Client(connectionOptions(system.postgres.url, 'holds up'))
  await client.connect()
  await client.query('begin; lock table events in share mode')
  return () => client.end()
}

test('what is older than the window leaves the stream, but for the event at the checkpoint', async () => {
  const conversation = new Conversation(system.log)
  await conversation.answer(40)
  const whole = await chainOf(conversation.ref)
  await until('all but one have left', async () => (await leftInStream(system, conversation.ref)) === 1)
  expect(await streamExtent(system.log, 0)).toMatchObject({ firstSeq: whole.at(-1), lastSeq: whole.at(-1) })
  expect(await chainOf(conversation.ref)).toEqual(whole)
  expect(await purged('window')).toBeGreaterThanOrEqual(whole.length - 1)
  // And on, behind what has left.
  await conversation.answer(5)
  expect(await chainOf(conversation.ref)).toHaveLength(whole.length + 12)
})

test('nothing leaves before it is stored: old or not, appends wait in front of a full stream, and go on by themselves', async () => {
  await caughtUp(system)
  const letGo = await storingHeldUp()
  const ref = { tenant: 'acme', session: newId() }
  let full = 0
  const writer = new ChainWriter(system.log, ref, 0, { onFull: () => full++ })
  const writing = (async () => {
    for (let n = 0; n < 40; n++) {
      const body = Buffer.from(JSON.stringify({ v: 1, type: 'custom.large', n, text: 'x'.repeat(100_000) }))
      await writer.append({ id: newId(), type: 'custom.large', body })
    }
  })()
  await until('the stream is full', () => full > 0)
  const stored = await leftInStream(system, ref)
  const { lastSeq } = await streamExtent(system.log, 0)
  const fullSinceMs = Date.now()
  await until('all of it is old, and was looked at since', () => Date.now() - fullSinceMs > WINDOW_MS + 1500)
  expect([await leftInStream(system, ref), (await streamExtent(system.log, 0)).lastSeq]).toEqual([stored, lastSeq])
  await letGo()
  await writing
  expect(await chainOf(ref)).toHaveLength(40)
  expect(await purged('pressure')).toBeGreaterThan(0)
  expect(copy.output().match(/runs full/g)).toHaveLength(1)
  await caughtUp(system)
})

test('an erased session whose last event has left the stream, too, cannot be brought back by a writer that knew nothing', async () => {
  const conversation = new Conversation(system.log)
  const { ref } = conversation
  await conversation.answer(3)
  await system.queries.ask('erase', { ...ref, by: 'user', memories: false })
  // What comes later takes the checkpoint on.
  await new Conversation(system.log).answer(1)
  await until('its last event has left', async () => (await leftInStream(system, ref)) === 0)
  await expect(conversation.say('session.titled', { title: 'back again' })).rejects.toThrow(SessionErased)
  // One that was frozen between its look (there is no such session) and its append, while all that happened.
  const sleeper = new ChainWriter(system.log, ref, 0)
  const body = Buffer.from(JSON.stringify({ v: 1, type: 'custom.note', text: 'back again' }))
  const draft = () => ({ id: newId(), type: 'custom.note', body })
  expect(await sleeper.append(draft())).toMatchObject({ outcome: 'stored' })
  await until('it was removed', async () => (await leftInStream(system, ref)) === 0)
  await expect(sleeper.append(draft())).rejects.toThrow(SessionErased)
  await expect(system.log.end(ref)).rejects.toThrow(SessionErased)
  expect(await rowsOf(system, ref)).toBe(0)
})

test('nothing leaves a log that is not the stored one', async () => {
  const { kysely, close } = openDatabase({ url: system.postgres.url, name: 'test', connections: 1 })
  const place = { log: system.log, kysely, shard: 0 }
  // So that nobody else purges.
  await copy.end()
  await new Conversation(system.log).answer(20)
  const { firstSeq, lastSeq } = await streamExtent(system.log, 0)
  const id = await eventIdAt(system.log, 0, lastSeq)
  const purge = async (checkpoint: { epoch: number; seq: number; id: string | null }) => {
    const { epoch, seq } = checkpoint
    await system.sql('update projection set epoch = $1, seq = $2, event_id = $3', [epoch, seq, checkpoint.id])
    return purgeStored(place, firstSeq, (before) => before)
  }
  try {
    expect(await purge({ epoch: 2, seq: lastSeq, id })).toBe(0)
    expect(await purge({ epoch: 1, seq: lastSeq, id: newId() })).toBe(0)
    expect(await purge({ epoch: 1, seq: lastSeq + 1, id })).toBe(0)
    expect((await streamExtent(system.log, 0)).firstSeq).toBe(firstSeq)
    expect(await purge({ epoch: 1, seq: lastSeq, id })).toBeGreaterThan(20)
    expect((await streamExtent(system.log, 0)).firstSeq).toBe(lastSeq)
  } finally {
    await close()
  }
})
