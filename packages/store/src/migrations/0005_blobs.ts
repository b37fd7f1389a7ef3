import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/*
 * A row for each blob that a stored event names, written with that event; its bytes follow. So a crash in between
 * forgets none, and what is large never waits in front of what is small.
 */
export async function up(kysely: Kysely<Schema>): Promise<void> {
  await sql`
    create table blobs (
      tenant text not null,
      session text not null,
      id text not null,
      shard smallint not null,
      named_at timestamptz not null,
      media_type text,
      size bigint,
      digest text,
      copied_at timestamptz,
      lost_at timestamptz,
      in_nats boolean not null default true,
      primary key (tenant, session, id)
    )`.execute(kysely)
  await sql`create index blobs_to_copy on blobs (shard) where copied_at is null and lost_at is null`.execute(kysely)
  await sql`create index blobs_in_nats on blobs (shard, named_at) where in_nats and copied_at is not null`.execute(
    kysely,
  )
  await sql`comment on column blobs.lost_at is 'NATS did not have it when it was to be copied'`.execute(kysely)
  await sql`
    create table blob_chunks (
      tenant text not null,
      session text not null,
      id text not null,
      number integer not null,
      bytes bytea not null,
      primary key (tenant, session, id, number),
      foreign key (tenant, session, id) references blobs on delete cascade
    )`.execute(kysely)
  // Pictures and documents are compressed already.
  await sql`alter table blob_chunks alter column bytes set storage external`.execute(kysely)
}
