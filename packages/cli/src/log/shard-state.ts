import { firstFrom, type Log } from '@spool/log'
import { type Database, LogDiverged, lookAtLog, type StoredShard, storedShard } from '@spool/store'

/** A shard of the log beside what is stored of it. */
export interface ShardState {
  readonly stored: StoredShard | null
  /** Why the stream is not the log that is stored; `null`: it is. */
  readonly diverged: string | null
  /** Positions that are not stored yet. */
  readonly lagEvents: number
  /** Since when the oldest event that is not stored lies there; 0 where all is stored. */
  readonly lagMs: number
}

/** The same comparison as persistence makes before it stores anything. */
export async function shardState({ kysely }: Database, log: Log, shard: number): Promise<ShardState> {
  const stored = await storedShard(kysely, shard)
  const checkpoint = stored ?? { epoch: 0, seq: 0, id: '' }
  const { stream, start } = await lookAtLog(kysely, log, shard, checkpoint)
  const { after } = start instanceof LogDiverged ? { after: checkpoint.seq } : start
  // What persistence found while it stored counts until the stream has a new epoch.
  const found = stored !== null && stream.epoch <= stored.epoch ? stored.diverged : null
  const oldest = await firstFrom(log, shard, after + 1)
  return {
    stored,
    diverged: start instanceof LogDiverged ? start.message : found,
    lagEvents: Math.max(0, stream.lastSeq - after),
    lagMs: oldest === null ? 0 : Math.max(0, Date.now() - oldest.storedAtMs),
  }
}
