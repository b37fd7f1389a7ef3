import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { StoredPlace } from '../storing/checkpoint.ts'

/** How far a shard is stored, and what persistence has said of it last. */
export interface StoredShard extends StoredPlace {
  readonly storedAt: Date
  /** Why nothing more is stored; `null`: nothing is wrong. */
  readonly diverged: string | null
}

/** `null`: nobody has ever begun to store it. */
export async function storedShard(kysely: Kysely<Schema>, shard: number): Promise<StoredShard | null> {
  const row = await kysely
    .selectFrom('projection')
    .select(['epoch', 'seq', 'event_id', 'stored_at', 'diverged'])
    .where('shard', '=', shard)
    .executeTakeFirst()
  if (row === undefined) return null
  return { epoch: row.epoch, seq: row.seq, id: row.event_id, storedAt: row.stored_at, diverged: row.diverged }
}
