import { afterEach, expect, test } from 'vitest'
import { caughtUp } from './support/caught-up.ts'
import { Conversation } from './support/conversation.ts'
import { metricOf } from './support/metrics.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'
import { verifySnapshots } from './support/verify-snapshots.ts'

let system: System
afterEach(() => system.stop())

/** Transactions and rewritten message rows of the projection, as Postgres counts them. */
async function costs(): Promise<{ transactions: number; messageWrites: number }> {
  const [row] = await system.sql<{ transactions: number; writes: number }>(`
    select (select xact_commit from pg_stat_database where datname = current_database()) as transactions,
      (select n_tup_upd + n_tup_ins from pg_stat_user_tables where relname = 'messages') as writes`)
  return { transactions: row!.transactions, messageWrites: row!.writes }
}

test('thirty times the tokens cost hardly more transactions, and a long answer is not rewritten with each batch', async () => {
  system = await startSystem()
  const spend = async (tokens: number) => {
    await Promise.all(Array.from({ length: 10 }, () => new Conversation(system.log).answer(tokens)))
    const before = await costs()
    const copy = system.startCopy()
    // Not by asking Postgres: that would be counted, too.
    await until('all is stored', async () => (await metricOf(copy, 'persistence_events')) >= 10 * (tokens + 7))
    await copy.end()
    const after = await costs()
    return {
      transactions: after.transactions - before.transactions,
      messageWrites: after.messageWrites - before.messageWrites,
    }
  }
  const few = await spend(50)
  const many = await spend(1500)
  // 14,500 more events are 29 more batches.
  expect(many.transactions).toBeLessThan(few.transactions + 60)
  // An answer of 13,000 characters: its row is written at most once per batch while small, then once per quarter.
  expect(many.messageWrites / 10).toBeLessThan(45)
  expect(await verifySnapshots(system.postgres.url, system.log)).toMatchObject({ differences: [] })
})

test('live, some twenty transactions a second, however many tokens come', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const ending = new AbortController()
  const streams = Array.from({ length: 20 }, async () => {
    const conversation = new Conversation(system.log)
    while (!ending.signal.aborted) await conversation.answer(100)
  })
  const startedMs = performance.now()
  await until('it has gone on for a while', () => performance.now() - startedMs > 2000)
  ending.abort()
  await Promise.all(streams)
  await caughtUp(system)
  const seconds = (performance.now() - startedMs) / 1000
  const transactions = await metricOf(copy, 'persistence_transactions')
  const events = await metricOf(copy, 'persistence_events')
  expect(events).toBeGreaterThan(1000)
  expect(transactions).toBeLessThan(21 * seconds + events / 500 + 5)
})
