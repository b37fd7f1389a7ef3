import { type Kysely, sql } from 'kysely'
import type { Database } from '../database/open-database.ts'
import type { Schema } from '../database/schema.ts'
import { missingMigrations, unknownMigrations } from '../migrations/migrate-database.ts'
import { carryMemories, removeErased } from './carry-over.ts'
import { catchUp, readPlaces } from './catch-up.ts'
import { type Filled, fillTables } from './fill-tables.ts'
import { areNewTablesThere, completeNewTables, createNewTables, dropNewTables } from './new-tables.ts'
import { ALL_PROJECTIONS, type Projection, tablesOf } from './projections.ts'
import { RebuildRefused } from './rebuild-problems.ts'
import { swapTables } from './swap-tables.ts'

/** Its key ("spool"), beside those of the shards. */
const LOCK = 0x5b002
/** What the last step folds while nothing is stored. */
const FEW_EVENTS = 2000
const MAX_ROUNDS = 10

export interface RebuildOptions {
  readonly projections: readonly Projection[]
  readonly signal: AbortSignal
  /** `total`: about so many there are. */
  readonly onProgress?: (events: number, total: number | undefined) => void
}

export interface Rebuilt {
  /** That were folded; those that came meanwhile included. */
  readonly events: number
  readonly sessions: number
  readonly seconds: number
  readonly eventsPerSecond: number
  readonly blockedMs: number
  readonly pausedMs: number
}

/**
 * Folds everything that is stored into new tables, while the projectors go on with the old ones, and puts them in their
 * place. Until the last moment nothing of what is used is touched: it may end anywhere, in any way.
 *
 * Needs a database with four connections, whose statements may take their time.
 */
export async function rebuild({ kysely }: Database, options: RebuildOptions): Promise<Rebuilt> {
  const missing = await missingMigrations(kysely)
  if (missing.length > 0) throw new RebuildRefused(`The database lacks ${missing.join(', ')}: migrate it first.`)
  await refuseIfNewer(kysely)
  // One connection holds the lock and is the one that swaps: whoever has lost the lock cannot.
  return kysely.connection().execute(async (own) => {
    const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_lock(${LOCK}) as held`.execute(own)
    if (rows[0]?.held !== true) {
      throw new RebuildRefused('Somebody else rebuilds this database at the moment. Wait until that is done.')
    }
    try {
      return await rebuildAlone(kysely, own, options)
    } finally {
      // Nothing of it is of use any more, wherever it ended.
      await dropNewTables(own).catch(() => undefined)
      await sql`select pg_advisory_unlock(${LOCK})`.execute(own).catch(() => undefined)
    }
  })
}

/** Removes what a rebuild has left behind that was killed. `false`: there is nothing, or it is still at work. */
export async function dropAbandonedRebuild(kysely: Kysely<Schema>): Promise<boolean> {
  if (!(await areNewTablesThere(kysely))) return false
  return kysely.transaction().execute(async (trx) => {
    const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as held`.execute(trx)
    if (rows[0]?.held !== true) return false
    await dropNewTables(trx)
    return true
  })
}

async function rebuildAlone(
  kysely: Kysely<Schema>,
  own: Kysely<Schema>,
  { projections, signal, onProgress }: RebuildOptions,
): Promise<Rebuilt> {
  const startedMs = performance.now()
  const done = { events: 0, sessions: 0 }
  const total = await about(own)
  const onFolded = ({ events, sessions }: Filled): void => {
    done.events += events
    done.sessions += sessions
    onProgress?.(events, total)
  }
  // All are filled, whichever are wanted: what is remembered follows from the runs.
  const all = tablesOf(ALL_PROJECTIONS)
  const wanted = tablesOf(projections)
  await createNewTables(own, all)
  let places = await readPlaces(own)
  await fillTables(kysely, onFolded, signal)
  await completeNewTables(own, all)
  const foldTheRest = async (): Promise<number> => {
    const now = await readPlaces(kysely)
    const events = await catchUp(kysely, places, now, onFolded)
    places = now
    return events
  }
  for (let round = 1; round < MAX_ROUNDS; round++) {
    signal.throwIfAborted()
    if ((await foldTheRest()) < FEW_EVENTS) break
  }
  const carryOver = async (): Promise<void> => {
    if (wanted.includes('memories')) await carryMemories(kysely)
    await removeErased(kysely, wanted)
  }
  await carryOver()
  signal.throwIfAborted()
  const finish = async (): Promise<void> => {
    // Nobody changes the tables from here on. What was changed before is not in the new ones.
    await refuseIfNewer(kysely)
    await foldTheRest()
    await carryOver()
  }
  const swapped = await swapTables(own, wanted, finish, signal)
  const seconds = (performance.now() - startedMs) / 1000
  return { ...done, seconds, eventsPerSecond: Math.round(done.events / seconds), ...swapped }
}

async function refuseIfNewer(kysely: Kysely<Schema>): Promise<void> {
  const unknown = await unknownMigrations(kysely)
  if (unknown.length === 0) return
  throw new RebuildRefused(
    `The database has ${unknown.join(', ')}, which this release does not know. Nothing was changed; rebuild with the release that has migrated it.`,
  )
}

/** As the last vacuum counted; `undefined`: it has not. */
async function about(kysely: Kysely<Schema>): Promise<number | undefined> {
  const { rows } = await sql<{ events: number }>`
    select reltuples::bigint as events from pg_class where oid = 'public.events'::regclass`.execute(kysely)
  const events = rows[0]?.events ?? 0
  return events > 0 ? events : undefined
}
