import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** About how many events are stored, for a progress bar: counting them would take a share of the work. */
export async function storedEvents(kysely: Kysely<Schema>): Promise<number | undefined> {
  const { rows } = await sql<{ about: number }>`
    select reltuples::bigint as about from pg_class where oid = 'events'::regclass`.execute(kysely)
  const about = rows[0]?.about ?? 0
  return about > 0 ? about : undefined
}
