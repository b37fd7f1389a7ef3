import type { SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** A blob that an event names, and when the event came. */
export interface NamedBlob extends SessionRef {
  readonly id: string
  readonly namedAtMs: number
}

/** So that somebody copies it. Named again: the same. */
export async function nameBlobs(trx: Kysely<Schema>, shard: number, blobs: readonly NamedBlob[]): Promise<void> {
  if (blobs.length === 0) return
  await sql`
    insert into blobs (shard, tenant, session, id, named_at)
    select ${shard}, * from unnest(
      ${blobs.map(({ tenant }) => tenant)}::text[], ${blobs.map(({ session }) => session)}::text[],
      ${blobs.map(({ id }) => id)}::text[],
      ${blobs.map(({ namedAtMs }) => new Date(namedAtMs).toISOString())}::timestamptz[])
    on conflict do nothing`.execute(trx)
}
