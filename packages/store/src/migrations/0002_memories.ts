import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * `terms` is made in TypeScript and not by Postgres from `text`: its parsers find no words in scripts without spaces.
 * What was forgotten leaves its id behind: in a log of several shards the event that deletes may be read before the
 * one that it deletes.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`
    create table memories (
      tenant text not null,
      id text not null,
      user_id text,
      agent text,
      session text not null,
      run text not null,
      text text not null,
      terms tsvector not null,
      created_at timestamptz not null,
      updated_at timestamptz not null,
      epoch integer not null,
      seq bigint not null,
      forgotten boolean not null default false,
      primary key (tenant, id)
    )`.execute(kysely)
  await sql`create index memories_of_user on memories (tenant, user_id, agent) where not forgotten`.execute(kysely)
  await sql`create index memories_of_session on memories (tenant, session) where not forgotten`.execute(kysely)
  await sql`create index memories_newest_first on memories (tenant, created_at desc, id desc) where not forgotten`.execute(
    kysely,
  )
  await sql`create index memories_by_term on memories using gin (terms) where not forgotten`.execute(kysely)
  await sql`comment on column memories.user_id is 'null: of nobody in particular, recalled only in its session'`.execute(
    kysely,
  )
  await sql`comment on column memories.session is 'whose event last said so; may have been erased since'`.execute(
    kysely,
  )
}
