import type { OpenBlob, SessionRef } from '@spool/log'
import { type Kysely, sql } from 'kysely'
import type { Schema } from '../database/schema.ts'

export interface BlobRef extends SessionRef {
  readonly id: string
}

/** The oldest blobs of a shard that nobody has copied yet. */
export function blobsToCopy(kysely: Kysely<Schema>, shard: number, limit: number): Promise<BlobRef[]> {
  return kysely
    .selectFrom('blobs')
    .select(['tenant', 'session', 'id'])
    .where('shard', '=', shard)
    .where('copied_at', 'is', null)
    .where('lost_at', 'is', null)
    .orderBy('named_at')
    .limit(limit)
    .execute()
}

/** All of it or nothing. Its session may be erased meanwhile: then there is nothing to copy it to. */
export async function copyBlob(kysely: Kysely<Schema>, ref: BlobRef, blob: OpenBlob): Promise<void> {
  const { tenant, session, id } = ref
  await kysely.transaction().execute(async (trx) => {
    const row = await trx.selectFrom('blobs').select('copied_at').where(placeOf(ref)).forUpdate().executeTakeFirst()
    if (row === undefined || row.copied_at !== null) return
    let number = 0
    for await (const bytes of blob.chunks) {
      await trx
        .insertInto('blob_chunks')
        .values({ tenant, session, id, number: number++, bytes: Buffer.from(bytes) })
        .execute()
    }
    await trx
      .updateTable('blobs')
      .set({ media_type: blob.mediaType, size: blob.size, digest: blob.digest, copied_at: new Date() })
      .where(placeOf(ref))
      .execute()
  })
}

/** `false`: its session was erased, and it with that. */
export async function markBlobLost(kysely: Kysely<Schema>, ref: BlobRef): Promise<boolean> {
  const { numUpdatedRows } = await kysely
    .updateTable('blobs')
    .set({ lost_at: new Date() })
    .where(placeOf(ref))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Blobs that are copied and were named before `before`: they need not be in NATS any longer. */
export function blobsToLeave(kysely: Kysely<Schema>, shard: number, before: Date, limit: number): Promise<BlobRef[]> {
  return kysely
    .selectFrom('blobs')
    .select(['tenant', 'session', 'id'])
    .where('shard', '=', shard)
    .where('in_nats', '=', true)
    .where('copied_at', 'is not', null)
    .where('named_at', '<', before)
    .orderBy('named_at')
    .limit(limit)
    .execute()
}

export async function markBlobLeft(kysely: Kysely<Schema>, ref: BlobRef): Promise<void> {
  await kysely.updateTable('blobs').set({ in_nats: false }).where(placeOf(ref)).execute()
}

/** `null` where it was not copied. */
export async function copiedBlob(kysely: Kysely<Schema>, ref: BlobRef) {
  const row = await kysely
    .selectFrom('blobs')
    .select(['media_type', 'size', 'digest'])
    .where(placeOf(ref))
    .where('copied_at', 'is not', null)
    .executeTakeFirst()
  return row === undefined ? null : { mediaType: row.media_type!, size: row.size!, digest: row.digest! }
}

/** `null` beyond the last one. */
export async function chunkOfBlob(kysely: Kysely<Schema>, ref: BlobRef, number: number): Promise<Buffer | null> {
  const row = await kysely
    .selectFrom('blob_chunks')
    .select('bytes')
    .where(placeOf(ref))
    .where('number', '=', number)
    .executeTakeFirst()
  return row?.bytes ?? null
}

function placeOf({ tenant, session, id }: BlobRef) {
  return sql<boolean>`tenant = ${tenant} and session = ${session} and id = ${id}`
}
