import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { binaryArray, type ColumnType } from './binary-array.ts'
import { type EventRow, standInId } from './event-row.ts'
import { PositionTaken } from './position-taken.ts'

const COLUMNS: readonly (readonly [column: string, type: ColumnType, of: keyof EventRow])[] = [
  ['shard', 'smallint', 'shard'],
  ['epoch', 'integer', 'epoch'],
  ['seq', 'bigint', 'seq'],
  ['tenant', 'text', 'tenant'],
  ['session', 'text', 'session'],
  ['prev', 'bigint', 'prev'],
  ['event_id', 'text', 'id'],
  ['type', 'text', 'type'],
  ['run', 'text', 'run'],
  ['at', 'timestamptz', 'at'],
  ['stored_at', 'timestamptz', 'storedAt'],
  ['trace', 'text', 'trace'],
  ['on_chain', 'boolean', 'onChain'],
  ['problem', 'text', 'problem'],
  ['bytes', 'integer', 'bytes'],
  ['body', 'json', 'body'],
  ['raw', 'bytea', 'raw'],
]

/** Stores a batch in one statement. What is stored already is left alone, but only if it is the very same event. */
export async function insertEvents(trx: Kysely<Schema>, rows: readonly EventRow[]): Promise<void> {
  if (rows.length === 0) return
  if ((await insert(trx, rows)) < rows.length) await settle(trx, rows)
}

/** How many were not there yet. To be told which would cost more than to look, the few times that one was. */
async function insert(trx: Kysely<Schema>, rows: readonly EventRow[]): Promise<number> {
  const arrays = COLUMNS.map(([, type, name]) => {
    const values = rows.map((row) => row[name])
    return sql`${binaryArray(type, values)}::${sql.raw(type)}[]`
  })
  const { numAffectedRows } = await sql`
    insert into events (${sql.join(COLUMNS.map(([column]) => sql.ref(column)))})
    select * from unnest(${sql.join(arrays)})
    on conflict do nothing`.execute(trx)
  return Number(numAffectedRows)
}

/** Of those that were not inserted each is there already, or its id is, or its place belongs to another event. */
async function settle(trx: Kysely<Schema>, rows: readonly EventRow[]): Promise<void> {
  const [{ shard }] = rows as [EventRow]
  const there = await trx
    .selectFrom('events')
    .select(['epoch', 'seq', 'event_id'])
    .where('shard', '=', shard)
    .where('seq', 'in', [...new Set(rows.map((row) => row.seq))])
    .execute()
  const idAt = new Map(there.map((row) => [placeOf(row), row.event_id]))
  const doubled: EventRow[] = []
  for (const row of rows) {
    const id = idAt.get(placeOf(row))
    if (id === undefined) doubled.push(row)
    else if (id !== row.id && id !== standInId(row)) throw new PositionTaken(row, id)
  }
  if (doubled.length === 0) return
  // The place is its own, the id is another event's: kept under a name made of both.
  await insert(
    trx,
    doubled.map((row) => ({ ...row, id: standInId(row), problem: row.problem ?? `the id ${row.id} is used twice` })),
  )
}

function placeOf({ epoch, seq }: { epoch: number; seq: number }): string {
  return `${epoch}-${seq}`
}
