import { draft, encodeEvent, newId, type SpoolEvent } from '@spool/events'
import { ChainWriter, SessionErased } from '@spool/log'
import { openDatabase } from '@spool/store'
import { sql } from 'kysely'
import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { leftInStream, rowsOf } from './support/what-is-left.ts'

let system: System
afterEach(() => system.stop())

test('an erased session leaves a tombstone and nothing else, and its id is refused for good', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const erased = new Conversation(system.log)
  const other = new Conversation(system.log)
  await erased.answer(30)
  await other.answer(3)
  const { run, message } = await erased.begin('a secret')
  await erased.delta(run, message, 1, 'secret')
  await caughtUp(system)
  const at = await erased.append('session.erased', encodeEvent(draft('session.erased', { by: 'user' }) as SpoolEvent))
  // A writer that knows nothing of it.
  await erased.delta(run, message, 2, 'more of the secret')
  await caughtUp(system)

  const [counts] = await system.sql<{ left: number }>(
    `select (select count(*) from events where session = $1) + (select count(*) from sessions where session = $1)
      + (select count(*) from runs where session = $1) + (select count(*) from messages where session = $1) as left`,
    [erased.ref.session],
  )
  expect(counts!.left).toBe(0)
  expect(await system.archive.tail(erased.ref)).toEqual({ seq: at, erased: true })
  expect(await system.archive.state(erased.ref)).toMatchObject({ erased: true, messages: [], runs: [] })
  await expect(system.queries.ask('session', erased.ref)).rejects.toMatchObject({ code: 'erased' })

  // Also for a copy that has never heard of it.
  await copy.end()
  system.startCopy()
  await system.ready()
  await expect(erased.say('session.titled', { title: 'back again' })).rejects.toThrow(SessionErased)
  const behind = new ChainWriter(system.log, erased.ref, at)
  const body = encodeEvent(draft('session.titled', { title: 'back again' }) as SpoolEvent)
  await behind.append({ id: newId(), type: 'session.titled', body })
  await new Conversation(system.log, newId()).answer(1)
  await caughtUp(system)
  expect(await system.archive.tail(erased.ref)).toEqual({ seq: at, erased: true })
  expect(await system.archive.state(other.ref)).toMatchObject({ messages: [{}, { status: 'complete' }] })
  // The stream keeps nothing of it but the event that fences it.
  expect(await leftInStream(system, erased.ref)).toBe(1)
})

test('what dies between the event and the rest is done by the one who stores the event, also where it was purged first', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const stored = new Conversation(system.log)
  await stored.answer(3)
  await caughtUp(system)
  await copy.end('SIGKILL')
  const unseen = new Conversation(system.log)
  for (const conversation of [stored, unseen]) {
    await conversation.answer(20)
    await conversation.say('session.erased', { by: 'user' })
  }
  // Nobody has stored these; of the second one all but the end is gone before anybody looks.
  await system.bus.jsm.streams.purge('LOG', { filter: system.log.subjects.log(unseen.ref), keep: 1 })
  const partly = new Conversation(system.log)
  await partly.answer(3)
  system.startCopy()
  await caughtUp(system)
  for (const { ref, seq } of [stored, unseen]) {
    expect([await leftInStream(system, ref), await rowsOf(system, ref)]).toEqual([1, 0])
    expect(await system.archive.tail(ref)).toEqual({ seq, erased: true })
  }
  expect(await rowsOf(system, partly.ref)).toBeGreaterThan(0)
})

test('whoever dies while it erases what the log begins with leaves a log that is still the stored one', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const erased = new Conversation(system.log)
  await erased.answer(3)
  await caughtUp(system)
  const database = openDatabase({ url: system.postgres.url, name: 'lock', connections: 1 })
  await database.kysely.transaction().execute(async (trx) => {
    // What NATS holds goes, the rows cannot.
    await sql`lock table tombstones in share mode`.execute(trx)
    await erased.answer(20)
    await erased.say('session.erased', { by: 'user' })
    await until('the log holds nothing else of it', async () => (await leftInStream(system, erased.ref)) === 1)
    await copy.end('SIGKILL')
  })
  await database.close()
  system.startCopy()
  await system.ready()
  await caughtUp(system)
  expect(await rowsOf(system, erased.ref)).toBe(0)
  expect(await system.archive.tail(erased.ref)).toEqual({ seq: erased.seq, erased: true })
})
