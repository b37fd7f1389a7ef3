import { randomBytes } from 'node:crypto'
import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { BlobArchive, Blobs, type SessionRef } from '@spool/log'
import { openDatabase } from '@spool/store'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Conversation } from './support/conversation.ts'
import { type Copy, startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
let copy: Copy
let inNats: Blobs
let anywhere: Blobs
beforeAll(async () => {
  system = await startSystem()
  inNats = new Blobs(system.bus)
  anywhere = new Blobs(system.bus, new BlobArchive(system.queries))
  copy = system.startCopy({ SPOOL_HOT_WINDOW_MS: '1000' })
  await system.ready()
})
afterAll(() => system?.stop())

/** A session with an artifact whose content is the blob. */
async function naming(conversation: Conversation, blob: string): Promise<void> {
  const { run } = await conversation.begin('write it down')
  const fields = { run, artifact: newId(), kind: 'report', title: 'r', filename: 'r.bin', media_type: 'a/b', blob }
  await conversation.append('artifact.created', encodeEvent(draft('artifact.created', fields as never) as SpoolEvent))
}

async function rowOf({ session }: SessionRef, id: string) {
  const rows = await system.sql<{ copied: boolean; lost: boolean; in_nats: boolean }>(
    `select copied_at is not null as copied, lost_at is not null as lost, in_nats from blobs where session = $1 and id = $2`,
    [session, id],
  )
  return rows[0]
}

test('a blob that an event names is copied, leaves NATS with the hot window, and is read as before', async () => {
  const conversation = new Conversation(system.log)
  const bytes = randomBytes(300_000)
  const id = await inNats.put(conversation.ref, bytes, 'a/b')
  await naming(conversation, id)
  await until('it has left NATS', async () => (await rowOf(conversation.ref, id))?.in_nats === false)
  expect(await inNats.get(conversation.ref, id)).toBeNull()
  const blob = (await anywhere.get(conversation.ref, id))!
  expect([blob.mediaType, blob.size, bytes.equals(blob.bytes)]).toEqual(['a/b', 300_000, true])
  expect(await anywhere.get(new Conversation(system.log).ref, id)).toBeNull()
})

test('one that leaves NATS while it is being read is read to its end', async () => {
  const conversation = new Conversation(system.log)
  const bytes = randomBytes(500_000)
  const id = await inNats.put(conversation.ref, bytes, 'a/b')
  const open = (await anywhere.open(conversation.ref, id))!
  const chunks = open.chunks[Symbol.asyncIterator]()
  const read = [(await chunks.next()).value as Uint8Array]
  await naming(conversation, id)
  await until('it has left NATS', async () => (await rowOf(conversation.ref, id))?.in_nats === false)
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) read.push(next.value)
  expect(Buffer.concat(read).equals(bytes)).toBe(true)
})

test('one that NATS has lost is marked, and holds up nothing', async () => {
  const conversation = new Conversation(system.log)
  await naming(conversation, 'never-put')
  await until('it is marked', async () => (await rowOf(conversation.ref, 'never-put'))?.lost === true)
  expect(await anywhere.get(conversation.ref, 'never-put')).toBeNull()
})

test('what is copied goes with its session', async () => {
  const conversation = new Conversation(system.log)
  const id = await inNats.put(conversation.ref, randomBytes(200_000), 'a/b')
  await naming(conversation, id)
  await until('it is copied', async () => (await rowOf(conversation.ref, id))?.copied === true)
  await system.queries.ask('erase', { ...conversation.ref, by: 'user', memories: false }, 10_000)
  const [left] = await system.sql<{ left: number }>(
    `select (select count(*) from blobs where session = $1) + (select count(*) from blob_chunks where session = $1) as left`,
    [conversation.ref.session],
  )
  expect(left!.left).toBe(0)
  expect(await anywhere.get(conversation.ref, id)).toBeNull()
})

test("one that has gone with its session, whose rows are about to go, is nobody's loss", async () => {
  const conversation = new Conversation(system.log)
  const id = await inNats.put(conversation.ref, randomBytes(10), 'a/b')
  const database = openDatabase({ url: system.postgres.url, name: 'lock', connections: 1 })
  await database.kysely.transaction().execute(async (trx) => {
    await sql`lock table tombstones in share mode`.execute(trx)
    await naming(conversation, id)
    await conversation.say('session.erased', { by: 'user' })
    await until('somebody looked for it', async () => {
      const waits = `select from pg_stat_activity where wait_event_type = 'Lock' and query like 'update "blobs"%'`
      return (await system.sql(waits)).length > 0 || (await rowOf(conversation.ref, id))?.copied === true
    })
  })
  await database.close()
  // The next one's turn comes after it.
  const other = new Conversation(system.log)
  const next = await inNats.put(other.ref, randomBytes(10), 'a/b')
  await naming(other, next)
  await until('the next one is copied', async () => (await rowOf(other.ref, next))?.copied === true)
  expect(copy.output()).not.toContain(id)
})
