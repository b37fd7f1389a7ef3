import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * Bodies and states are `json`, not `jsonb`: the text is kept as it came. `jsonb` refuses `\u0000` and lone
 * surrogates, which models do produce.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`
    create table events (
      shard smallint not null,
      epoch integer not null,
      seq bigint not null,
      tenant text not null,
      session text not null,
      prev bigint not null,
      event_id text not null unique,
      type text not null,
      run text,
      at timestamptz,
      stored_at timestamptz not null,
      trace text,
      on_chain boolean not null,
      problem text,
      bytes integer not null,
      body json,
      raw bytea,
      primary key (shard, epoch, seq),
      check ((body is null) <> (raw is null))
    )`.execute(kysely)
  await sql`create index events_of_session on events (tenant, session, seq)`.execute(kysely)
  await sql`comment on column events.problem is 'why the event is not folded; null for nearly all'`.execute(kysely)
  await sql`comment on column events.on_chain is 'false: does not follow the event its session ended with'`.execute(
    kysely,
  )
  await sql`comment on column events.raw is 'a body that is not JSON to Postgres, in place of body'`.execute(kysely)

  await sql`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and current_setting('spool.erasing', true) = 'on' then
        return old;
      end if;
      raise exception 'events are append-only: % is refused', tg_op
        using hint = 'To remove what a session holds, erase the session.', errcode = 'insufficient_privilege';
    end $$`.execute(kysely)
  await sql`create trigger events_append_only before update or delete on events
    for each row execute function refuse_change()`.execute(kysely)
  await sql`create trigger events_never_truncated before truncate on events
    for each statement execute function refuse_change()`.execute(kysely)

  await sql`
    create table projection (
      shard smallint primary key,
      epoch integer not null,
      seq bigint not null,
      event_id text not null,
      stored_at timestamptz not null default now(),
      diverged text
    )`.execute(kysely)

  await sql`comment on column projection.diverged is 'why nothing more is stored: the log is not the stored one'`.execute(
    kysely,
  )

  await sql`
    create table tombstones (
      tenant text not null,
      session text not null,
      epoch integer not null,
      seq bigint not null,
      erased_at timestamptz not null default now(),
      primary key (tenant, session)
    )`.execute(kysely)

  // Rows that are rewritten often leave room on their page, so that an update touches no index.
  await sql`
    create table sessions (
      tenant text not null,
      session text not null,
      shard smallint not null,
      epoch integer not null,
      seq bigint not null,
      phase text not null,
      started_at timestamptz not null,
      state json not null,
      primary key (tenant, session)
    ) with (fillfactor = 70)`.execute(kysely)
  await sql`create index sessions_newest_first on sessions (tenant, started_at desc, session desc)`.execute(kysely)

  await sql`
    create table runs (
      tenant text not null,
      session text not null,
      id text not null,
      first_seq bigint not null,
      open boolean not null,
      shard smallint not null,
      ended_at timestamptz,
      deadline timestamptz,
      state json not null,
      primary key (tenant, session, id)
    ) with (fillfactor = 70)`.execute(kysely)
  await sql`create index runs_open on runs (shard, tenant, session) where open`.execute(kysely)

  await sql`
    create table messages (
      tenant text not null,
      session text not null,
      id text not null,
      first_seq bigint not null,
      open boolean not null,
      as_of bigint not null,
      shown boolean not null,
      state json not null,
      primary key (tenant, session, id)
    ) with (fillfactor = 70)`.execute(kysely)
  await sql`create index messages_in_order on messages (tenant, session, first_seq)`.execute(kysely)
  await sql`comment on column messages.as_of is
    'the events up to here are folded in; a long message that streams is not rewritten with each'`.execute(kysely)

  await sql`
    create table calls (
      tenant text not null,
      session text not null,
      id text not null,
      first_seq bigint not null,
      open boolean not null,
      state json not null,
      primary key (tenant, session, id)
    )`.execute(kysely)

  await sql`
    create table questions (
      tenant text not null,
      session text not null,
      id text not null,
      first_seq bigint not null,
      open boolean not null,
      shard smallint not null,
      deadline timestamptz,
      state json not null,
      primary key (tenant, session, id)
    )`.execute(kysely)
  await sql`create index questions_open on questions (shard, deadline) where open`.execute(kysely)

  await sql`
    create table artifacts (
      tenant text not null,
      session text not null,
      id text not null,
      first_seq bigint not null,
      state json not null,
      primary key (tenant, session, id)
    )`.execute(kysely)
}
