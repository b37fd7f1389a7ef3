import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * What the sweep looks at once a second, so that a session that waits for a person costs it nothing, however many
 * there are and however long they wait.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`alter table sessions add column at_work boolean not null default false`.execute(kysely)
  await sql`comment on column sessions.at_work is
    'a run is open and does not wait for a person: something should happen before long'`.execute(kysely)
  await sql`
    update sessions s set at_work = true
    where phase <> 'awaiting_confirmation'
      and exists (select from runs r where r.tenant = s.tenant and r.session = s.session and r.open)`.execute(kysely)
  await sql`create index sessions_at_work on sessions (shard) where at_work`.execute(kysely)
  await sql`create index runs_remembering on runs (shard, ended_at) where open and ended_at is not null`.execute(kysely)
}
