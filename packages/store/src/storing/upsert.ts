import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'
import { binaryArray, type ColumnType } from './binary-array.ts'

interface Upsert<Columns extends Record<string, ColumnType>> {
  table: Exclude<keyof Schema, 'events'>
  columns: Columns
  key: readonly (keyof Columns & string)[]
  /** What changes where the row is there. */
  set: readonly (keyof Columns & string)[]
  /** A finished piece never changes again, whatever an odd log says of it. */
  unlessClosed?: boolean
  rows: readonly Record<keyof Columns & string, string | number | boolean | null>[]
}

/** Any number of rows in one statement with one parameter per column. */
export async function upsert<Columns extends Record<string, ColumnType>>(
  trx: Kysely<Schema>,
  { table, columns, key, set, unlessClosed = false, rows }: Upsert<Columns>,
): Promise<void> {
  if (rows.length === 0) return
  const names = Object.keys(columns) as (keyof Columns & string)[]
  const arrays = names.map((name) => {
    const type = columns[name]!
    const values = rows.map((row) => row[name])
    return sql`${binaryArray(type, values)}::${sql.raw(type)}[]`
  })
  const assignments = set.map((name) => sql`${sql.ref(name)} = excluded.${sql.ref(name)}`)
  await sql`
    insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
    select * from unnest(${sql.join(arrays)})
    on conflict (${sql.join(key.map((name) => sql.ref(name)))}) do update set ${sql.join(assignments)}
    ${unlessClosed ? sql`where ${sql.ref(`${table}.open`)}` : sql``}`.execute(trx)
}
