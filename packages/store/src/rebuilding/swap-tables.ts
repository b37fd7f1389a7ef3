import { setTimeout as sleep } from 'node:timers/promises'
import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely'
import { sqlState } from '../database/postgres-errors.ts'
import type { Schema } from '../database/schema.ts'
import { newTable, oldTable, putNewTablesInPlace } from './new-tables.ts'
import { RebuildRefused } from './rebuild-problems.ts'

const LOCK_NOT_AVAILABLE = '55P03'
/**
 * How long what is asked of the tables may queue up behind us, the first times and later. Below a second, after which
 * Postgres looks for deadlocks: whoever has one table and asks for another is not the one to be ended.
 */
const SHORT_WAIT_MS = 100
const LONG_WAIT_MS = 500
const ATTEMPTS = 60
const BETWEEN_ATTEMPTS_MS = 250

export interface Swapped {
  /** The longest time for which a query had to wait. */
  readonly blockedMs: number
  /** For how long nothing was stored. */
  readonly pausedMs: number
}

/**
 * Puts the new tables in the place of the old ones, in one transaction. First it takes the checkpoints: every projector
 * waits at the beginning of its next batch, where it holds nothing, so what is folded now is all there is, while queries
 * go on. Only then it asks for the tables themselves. Where somebody reads from these, it lets go of everything and tries
 * again: whoever comes after us would wait behind us.
 *
 * @param foldTheRest over other connections: stored before anybody can see the new tables
 */
export async function swapTables(
  kysely: Kysely<Schema>,
  tables: readonly string[],
  foldTheRest: () => Promise<void>,
  signal: AbortSignal,
): Promise<Swapped> {
  let blockedMs = 0
  let pausedMs = 0
  for (let attempt = 1; ; attempt++) {
    const waitMs = attempt < ATTEMPTS / 2 ? SHORT_WAIT_MS : LONG_WAIT_MS
    let askedMs = 0
    let heldMs = 0
    try {
      await kysely.transaction().execute(async (trx) => {
        await sql`set local lock_timeout = '10s'`.execute(trx)
        // Stands in nobody's way but that of the vacuum, which would keep us from the tables for long.
        await lock(trx, [...tables.map(oldTable), ...tables.map(newTable)], 'share update exclusive')
        heldMs = performance.now()
        await sql`select from projection order by shard for update`.execute(trx)
        // Some write without a checkpoint: whoever forgets what was remembered in an erased session.
        await lock(trx, tables.map(oldTable), 'share row exclusive')
        await foldTheRest()
        await sql`set local lock_timeout = ${sql.lit(`${waitMs}ms`)}`.execute(trx)
        askedMs = performance.now()
        await lock(trx, [...tables.map(oldTable), ...tables.map(newTable)], 'access exclusive')
        await putNewTablesInPlace(trx, tables)
        await sql`update projection set generation = generation + 1`.execute(trx)
      })
      blockedMs = Math.max(blockedMs, performance.now() - askedMs)
      pausedMs = Math.max(pausedMs, performance.now() - heldMs)
      return { blockedMs: Math.round(blockedMs), pausedMs: Math.round(pausedMs) }
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error
      if (askedMs > 0) blockedMs = Math.max(blockedMs, performance.now() - askedMs)
      if (heldMs > 0) pausedMs = Math.max(pausedMs, performance.now() - heldMs)
      if (attempt >= ATTEMPTS) throw await nobodyLetsGo(kysely, tables)
      await sleep(BETWEEN_ATTEMPTS_MS, undefined, { signal })
    }
  }
}

async function lock(trx: Transaction<Schema>, tables: readonly RawBuilder<unknown>[], mode: string): Promise<void> {
  await sql`lock table ${sql.join(tables)} in ${sql.raw(mode)} mode`.execute(trx)
}

async function nobodyLetsGo(kysely: Kysely<Schema>, tables: readonly string[]): Promise<RebuildRefused> {
  const { rows } = await sql<{ who: string }>`
    select distinct format('%s (process %s, since %s)', coalesce(nullif(application_name, ''), usename), pid,
      to_char(xact_start, 'HH24:MI:SS')) as who
    from pg_locks join pg_stat_activity using (pid)
    where granted and pid <> pg_backend_pid()
      and relation = any(${tables.map((table) => `public.${table}`)}::regclass[])`.execute(kysely)
  const who = rows.length === 0 ? '' : ` These do at the moment:\n${rows.map((row) => `  ${row.who}`).join('\n')}`
  return new RebuildRefused(
    `The new snapshots could not be put in place: there was always somebody who read from the old ones. Nothing was changed; try again, or first end what reads for so long.${who}`,
  )
}
