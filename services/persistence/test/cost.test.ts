import { newId } from '@spool/events'
import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

let system: System
afterEach(() => system.stop())

/** Transactions and rewritten message rows of the projection, as Postgres counts them. */
async function costs(): Promise<{ transactions: number; messageWrites: number }> {
  // A backend reports what it has done when it is idle; asking for it takes part in the count, the same each time.
  const [row] = await system.sql<{ transactions: number; writes: number }>(`
    select (select xact_commit from pg_stat_database where datname = current_database()) as transactions,
      (select n_tup_upd + n_tup_ins from pg_stat_user_tables where relname = 'messages') as writes`)
  return { transactions: row!.transactions, messageWrites: row!.writes }
}

test('ten times the tokens cost hardly more transactions, and a long answer is not rewritten with each batch', async () => {
  system = await startSystem()
  const spend = async (tokens: number) => {
    await Promise.all(Array.from({ length: 10 }, () => new Conversation(system.log).answer(tokens)))
    const before = await costs()
    const startedMs = performance.now()
    const copy = system.startCopy()
    await system.ready()
    await caughtUp(system)
    const seconds = (performance.now() - startedMs) / 1000
    await copy.end()
    const after = await costs()
    return {
      transactions: after.transactions - before.transactions,
      messageWrites: after.messageWrites - before.messageWrites,
      seconds,
    }
  }
  const few = await spend(50)
  const many = await spend(1500)
  // 15,000 more events are 30 more batches. The rest is what a start and this test's looking cost.
  expect(many.transactions).toBeLessThan(few.transactions + 250)
  // An answer of 13,000 characters: its row is written at most once per batch while small, then once per quarter.
  expect(many.messageWrites / 10).toBeLessThan(45)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
})

test('live, some twenty transactions a second, however many tokens come', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const before = await system.sql<{ batches: number }>(
    'select xact_commit as batches from pg_stat_database where datname = current_database()',
  )
  expect(before).toHaveLength(1)
  const ending = new AbortController()
  const streams = Array.from({ length: 20 }, async () => {
    const conversation = new Conversation(system.log, newId())
    while (!ending.signal.aborted) await conversation.answer(100)
  })
  const startedMs = performance.now()
  const done = new Promise((resolve) => setTimeout(resolve, 2000))
  await done
  ending.abort()
  await Promise.all(streams)
  await caughtUp(system)
  const seconds = (performance.now() - startedMs) / 1000
  const metrics = await metricsOf(copy.output())
  const transactions = valueOf(metrics, 'persistence_transactions')
  const events = valueOf(metrics, 'persistence_events')
  expect(events).toBeGreaterThan(1000)
  expect(transactions).toBeLessThan(21 * seconds + events / 500 + 5)
})

async function metricsOf(output: string): Promise<string> {
  const port = /"metricsPort":(\d+)/.exec(output)?.[1]
  return (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
}

function valueOf(metrics: string, name: string): number {
  const line = metrics.split('\n').find((each) => each.startsWith(name))
  return Number(line?.split(' ').at(-1))
}
