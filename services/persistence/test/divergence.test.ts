import { execFile } from 'node:child_process'
import { readdir, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { newId } from '@spool/events'
import {
  askReady,
  Blobs,
  Bus,
  ChainWriter,
  Log,
  provision,
  type RawEvent,
  restoreShard,
  streamExtent,
} from '@spool/log'
import { openDatabase, storedLog } from '@spool/store'
import { startNats } from '@spool/testing'
import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { metricOf } from './support/metrics.ts'
import { prepare, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
afterEach(() => system.stop())

const notReady = () => askReady(system.bus, 'persistence')

/** With its owner, who is another than the one who runs the test. */
async function copyFolder(from: string, to: string): Promise<void> {
  await promisify(execFile)('cp', ['-a', from, to])
}

test('a log that comes back behind what is stored stops it, loudly, also when it has grown past the old end', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const old = join(tmpdir(), `spool-old-copy-${newId()}`)
  try {
    await new Conversation(system.log).answer(20)
    await caughtUp(system)
    await system.nats.kill()
    await copyFolder(system.nats.dataFolder, old)
    await system.nats.restart()
    await new Conversation(system.log).answer(20)
    await caughtUp(system)
    const before = await system.sql('select seq, event_id from events order by seq')

    await system.nats.kill()
    await rm(system.nats.dataFolder, { recursive: true })
    await copyFolder(old, system.nats.dataFolder)
    await system.nats.restart()
    await until('it says so', async () => /log ends at \d+, but \d+ is stored/.test((await notReady()).detail ?? ''))

    // A writer that knows nothing of it: the same positions again, for other events.
    await copy.end()
    const other = await Bus.connect({ servers: system.nats.url, name: 'unaware' })
    const unaware = await Log.open(other, system.archive)
    await new Conversation(unaware).answer(200)
    await other.close()
    const again = system.startCopy()
    await until('it says so', async () => /is stored there/.test((await notReady()).detail ?? ''))
    expect(again.output()).toContain('The log is not the one that is stored')
    expect(await metricOf(again, 'persistence_log_diverged')).toBe(1)
    expect(await system.sql('select seq, event_id from events order by seq')).toEqual(before)
  } finally {
    await rm(old, { recursive: true, force: true })
  }
})

test('a log that ends where it did, but has lost its last events, stops it too, and is repaired like one that ends before', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const conversation = new Conversation(system.log)
  await conversation.answer(40)
  await caughtUp(system)
  const last = conversation.seq

  // The note of how far it had come is on the disk, the writes of before it are not.
  await system.nats.kill('SIGTERM')
  const block = (await readdir(system.nats.dataFolder, { recursive: true })).find((name) =>
    /LOG\/msgs\/\d+\.blk$/.test(name),
  )!
  const path = join(system.nats.dataFolder, block)
  await truncate(path, (await stat(path)).size - 3000)
  await system.nats.restart()
  await until('it says so', async () => /has lost event \w+ at \d+/.test((await notReady()).detail ?? ''))
  expect((await streamExtent(system.log, 0)).lastSeq).toBe(last)
  expect(copy.output()).toContain('The log is not the one that is stored')
  await expect(conversation.answer(1)).rejects.toThrow(/has lost event|log ends at/)

  const database = openDatabase({ url: system.postgres.url, name: 'restore', connections: 2 })
  const keep = { add: async () => undefined, close: async () => undefined }
  await restoreShard(system.bus, { shard: 0, shards: 1 }, storedLog(database.kysely, 0), keep)
  await database.close()
  await system.ready()
  const { ref } = conversation
  const read: number[] = []
  for await (const { seq } of system.log.read(ref, 0, await system.log.lastPosition(ref))) read.push(seq)
  expect(read.at(-1)).toBe(last)
  const writer = new ChainWriter(system.log, ref, last)
  const body = Buffer.from('{"v":1,"type":"custom.note"}')
  expect(await writer.append({ id: newId(), type: 'custom.note', body })).toMatchObject({ outcome: 'stored' })
})

test('another event at a position that is stored is never skipped in silence', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const conversation = new Conversation(system.log)
  await conversation.answer(10)
  await caughtUp(system)
  await copy.end()
  const last = conversation.seq
  // The checkpoint says less than the rows do, and one row is of another life of the log.
  await system.sql('update projection set seq = seq - 5, event_id = (select event_id from events where seq = $1)', [
    last - 5,
  ])
  await system.sql(`alter table events disable trigger all`)
  await system.sql('update events set event_id = $1 where seq = $2', [newId(), last - 1])
  await system.sql(`alter table events enable trigger all`)
  system.startCopy()
  await until('it says so', async () => (await notReady()).detail?.includes(`Position 1-${last - 1}`) === true)
  expect((await system.sql<{ seq: number }>('select seq from projection'))[0]!.seq).toBe(last - 5)
})

test('rows that are there already are left alone: a checkpoint that was set back is no harm', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const conversation = new Conversation(system.log)
  await conversation.answer(10)
  await caughtUp(system)
  const before = await system.archive.state(conversation.ref)
  await copy.end()
  const at = conversation.seq - 8
  await system.sql('update projection set seq = $1, event_id = (select event_id from events where seq = $1)', [at])
  system.startCopy()
  await caughtUp(system)
  expect(await system.archive.state(conversation.ref)).toEqual(before)
})

test('the wrong bus, whose log is shorter or another, is not projected', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  await new Conversation(system.log).answer(10)
  await caughtUp(system)
  await copy.end()
  const wrong = await startNats()
  try {
    const bus = await Bus.connect({ servers: wrong.url, name: 'test' })
    await provision(bus)
    const lost = system.startCopy({ NATS_URL: wrong.url })
    await until('it says so', () => lost.output().includes('The log is not the one that is stored'))
    expect(await askReady(bus, 'persistence')).toMatchObject({ ok: false })
    await bus.close()
  } finally {
    await wrong.stop()
  }
})

test('a database that was not migrated: it waits, says what to do, and begins by itself', async () => {
  system = await startSystem()
  await system.sql('create database later')
  const url = new URL(system.postgres.url)
  url.pathname = '/later'
  const copy = system.startCopy({ DATABASE_URL: url.href })
  await until('it says what to do', () => copy.output().includes('services/persistence/dist/migrate.js'))
  expect(await askReady(system.bus, 'persistence')).toMatchObject({ ok: false })
  await prepare(url.href)
  await system.ready()
})

test('a Postgres that has lost all that has left the log is told, and nothing is stored as if it were the beginning', async () => {
  system = await startSystem()
  const hot = { SPOOL_HOT_WINDOW_MS: '1000' }
  const copy = system.startCopy(hot)
  await system.ready()
  const conversation = new Conversation(system.log)
  await conversation.answer(20)
  await until('it has left the log', async () => (await streamExtent(system.log, 0)).firstSeq > 1)
  await copy.end()
  await system.sql('drop schema public cascade')
  await system.sql('create schema public')
  await prepare(system.postgres.url)
  const again = system.startCopy(hot)
  await until('it says so', async () => /but nothing is stored/.test((await notReady()).detail ?? ''))
  expect(again.output()).toContain('The log is not the one that is stored')
  expect(await system.sql('select from events')).toEqual([])
})

test('what was erased after an old disk was copied is neither saved nor in NATS once the log is restored', async () => {
  system = await startSystem()
  system.startCopy()
  await system.ready()
  const blobs = new Blobs(system.bus)
  const erased = new Conversation(system.log)
  await erased.answer(3, 'a secret')
  const blob = await blobs.put(erased.ref, Buffer.from('a secret'), 'text/plain')
  await caughtUp(system)
  const old = join(tmpdir(), `spool-old-copy-${newId()}`)
  await system.nats.kill()
  await copyFolder(system.nats.dataFolder, old)
  await system.nats.restart()
  await until('it is erased', async () => {
    await system.queries.ask('erase', { ...erased.ref, by: 'user', memories: false }, 7000)
    return (await blobs.get(erased.ref, blob)) === null
  })
  await system.nats.kill()
  await rm(system.nats.dataFolder, { recursive: true })
  await promisify(execFile)('mv', [old, system.nats.dataFolder])
  await system.nats.restart()
  await until('it says so', async () => /log ends at/.test((await notReady()).detail ?? ''))

  const database = openDatabase({ url: system.postgres.url, name: 'restore', connections: 2 })
  const saved: string[] = []
  const keep = {
    add: async (events: readonly RawEvent[]) => void saved.push(...events.map(({ subject }) => subject)),
    close: async () => undefined,
  }
  await restoreShard(system.bus, { shard: 0, shards: 1 }, storedLog(database.kysely, 0), keep)
  await database.close()
  expect(saved).toEqual([])
  await system.ready()
  expect(await blobs.get(erased.ref, blob)).toBeNull()
})
