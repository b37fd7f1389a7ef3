import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * The sweep read these out of `state`. Postgres looks into no JSON that holds `\u0000` or half a character anywhere: one
 * such title or metadata, and nothing of its shard was swept any more. Only what is open is filled in: nobody asks of
 * the rest.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`alter table sessions add column active_run text`.execute(kysely)
  await sql`
    alter table runs add column status text not null default '', add column started_seq bigint,
      add column started_at timestamptz, add column ends_alone boolean not null default false`.execute(kysely)
  await sql`comment on column runs.ends_alone is 'it is to end when nobody follows it any more'`.execute(kysely)
  const runs = await kysely
    .selectFrom('runs')
    .select(['tenant', 'session', 'id', 'state'])
    .where('open', '=', true)
    .execute()
  for (const { tenant, session, id, state } of runs) {
    await sql`
      update runs set status = ${state.status}, started_seq = ${state.startedSeq}, started_at = ${state.startedAt},
        ends_alone = ${state.on_disconnect === 'cancel'}
      where tenant = ${tenant} and session = ${session} and id = ${id}`.execute(kysely)
  }
  const sessions = await kysely
    .selectFrom('sessions')
    .select(['tenant', 'session', 'state'])
    .where('at_work', '=', true)
    .execute()
  for (const { tenant, session, state } of sessions) {
    await sql`
      update sessions set active_run = ${state.activeRun} where tenant = ${tenant} and session = ${session}`.execute(
      kysely,
    )
  }
}
