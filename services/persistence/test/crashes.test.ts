import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, onTestFinished, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { metricOf } from './support/metrics.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

let system: System
afterEach(() => system.stop())

/** Streams that go on until they are told to end: each a session with one answer after another, some 200 tokens/s. */
function startLoad(streams: number): { end: () => Promise<void> } {
  const ending = new AbortController()
  // A test that fails leaves without them, and its servers end under them.
  onTestFinished(() => ending.abort())
  const running = Array.from({ length: streams }, async () => {
    const conversation = new Conversation(system.log)
    while (!ending.signal.aborted) {
      const { run, message } = await conversation.begin()
      for (let n = 1; n <= 40 && !ending.signal.aborted; n++) {
        await Promise.all([conversation.delta(run, message, n, `word ${n} `), sleep(5)])
      }
      await conversation.finish(run, message, 40)
    }
  })
  const all = Promise.all(running)
  all.catch(() => undefined)
  return {
    end: async () => {
      ending.abort()
      await all
    },
  }
}

const storedRows = async (): Promise<number> =>
  (await system.sql<{ seq: number }>('select seq from projection'))[0]?.seq ?? 0

/** A random moment while it is busy: some events further on. Postgres may just be coming back. */
async function someEventsLater(): Promise<void> {
  let later: number | undefined
  await until('more is stored', async () => {
    const stored = await storedRows()
    later ??= stored + 100 + Math.floor(Math.random() * 700)
    return stored >= later
  })
}

test('killed again and again at random moments of a load, it stores every event once and in order', async () => {
  system = await startSystem()
  let copy = system.startCopy()
  await system.ready()
  const load = startLoad(20)
  for (let kills = 0; kills < 3; kills++) {
    await someEventsLater()
    await copy.end('SIGKILL')
    copy = system.startCopy()
  }
  await someEventsLater()
  await load.end()
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 20, differences: [] })
})

test('Postgres killed during a load: it goes on by itself, and nothing is missing or doubled', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const load = startLoad(20)
  for (let kills = 0; kills < 2; kills++) {
    await someEventsLater()
    await system.postgres.kill()
    // The log goes on without it, and the lag says so.
    await until('the lag grows', async () => (await metricOf(copy, 'persistence_lag_seconds')) > 0.3)
    await system.postgres.restart()
  }
  await someEventsLater()
  await load.end()
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 20, differences: [] })
  expect(await copy.end()).toBe(0)
})

test('the bus killed during a load: it reads on where it was', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const load = startLoad(10)
  for (let kills = 0; kills < 2; kills++) {
    await someEventsLater()
    await system.nats.kill()
    await system.nats.restart()
  }
  await someEventsLater()
  await load.end()
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 10, differences: [] })
  expect(await copy.end()).toBe(0)
})

test('of two copies one projects; the other takes over when it is killed, and answers all the while', async () => {
  system = await startSystem({ shards: 3 })
  const copies = [system.startCopy(), system.startCopy()]
  await system.ready()
  const load = startLoad(12)
  for (let takeover = 0; takeover < 2; takeover++) {
    const before = (await system.sql<{ sum: number }>('select sum(seq)::bigint as sum from projection'))[0]!.sum
    await until('more is stored', async () => {
      const [row] = await system.sql<{ sum: number }>('select sum(seq)::bigint as sum from projection')
      return row!.sum > before + 300
    })
    await copies.shift()!.end('SIGKILL')
    const [some] = await system.sql<{ tenant: string; session: string }>('select tenant, session from sessions limit 1')
    await until('it answers', async () => (await system.queries.ask('session', some!)) !== null)
    copies.push(system.startCopy())
  }
  await load.end()
  await caughtUp(system)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ sessions: 12, differences: [] })
})

test('it ends with 0 at SIGTERM and SIGINT, also while neither NATS nor Postgres is there', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  expect(await copy.end('SIGINT')).toBe(0)

  await system.postgres.kill()
  const without = system.startCopy()
  await until('it says what it waits for', () => without.output().includes('Postgres does not answer yet'))
  expect(await without.end()).toBe(0)

  const nowhere = system.startCopy({ NATS_URL: 'nats://127.0.0.1:9', DATABASE_URL: 'postgres://nobody@127.0.0.1:9/no' })
  await until('it has begun', () => nowhere.output().includes('Starting'))
  expect(await nowhere.end()).toBe(0)
})
