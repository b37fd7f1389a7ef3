import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * Raised when the snapshots of a shard were folded anew. Part of what a projector expects of its checkpoint, so that it
 * notices before it writes what it remembers of the old ones.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`alter table projection add column generation integer not null default 0`.execute(kysely)
  await sql`comment on column projection.generation is 'how often the snapshots were rebuilt'`.execute(kysely)
}
