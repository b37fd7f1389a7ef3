import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** The last event of a shard that is stored. `seq` 0: none. */
export interface StoredPlace {
  readonly epoch: number
  readonly seq: number
  readonly id: string
}

export interface Checkpoint extends StoredPlace {
  /** Of the snapshots: raised when they were rebuilt. What is remembered of those before is worth nothing. */
  readonly generation: number
}

/** Somebody else has moved the checkpoint: this process has lost its lock without hearing of it. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved'
  readonly code = 'checkpoint_moved'

  constructor(shard: number, expected: Checkpoint) {
    super(`The checkpoint of shard ${shard} is no longer at ${expected.epoch}-${expected.seq}.`)
  }
}

/** The checkpoint is where it was, the snapshots are other ones: begin again with these. */
export class SnapshotsRebuilt extends Error {
  override readonly name = 'SnapshotsRebuilt'
  readonly code = 'snapshots_rebuilt'

  constructor(shard: number) {
    super(`The snapshots of shard ${shard} were rebuilt.`)
  }
}

export async function readCheckpoint(kysely: Kysely<Schema>, shard: number): Promise<Checkpoint> {
  await kysely
    .insertInto('projection')
    .values({ shard, epoch: 0, seq: 0, event_id: '' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { epoch, seq, event_id, generation } = await kysely
    .selectFrom('projection')
    .select(['epoch', 'seq', 'event_id', 'generation'])
    .where('shard', '=', shard)
    .executeTakeFirstOrThrow()
  return { epoch, seq, id: event_id, generation }
}

/** Tells all copies why a shard is not projected any more; `null`: it is. */
export async function markDiverged(kysely: Kysely<Schema>, shard: number, why: string | null): Promise<void> {
  await kysely
    .updateTable('projection')
    .set({ diverged: why })
    .where('shard', '=', shard)
    .where('diverged', 'is distinct from', why)
    .execute()
}

/**
 * Compare and set: of two who project the same shard only one gets further. The first statement of its transaction:
 * whoever holds the checkpoint's row keeps all others from storing, while they hold nothing themselves.
 */
export async function moveCheckpoint(
  trx: Kysely<Schema>,
  shard: number,
  from: Checkpoint,
  to: StoredPlace,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('projection')
    .set({ epoch: to.epoch, seq: to.seq, event_id: to.id, stored_at: new Date() })
    .where('shard', '=', shard)
    .where('epoch', '=', from.epoch)
    .where('seq', '=', from.seq)
    .where('generation', '=', from.generation)
    .executeTakeFirst()
  if (numUpdatedRows === 1n) return
  const found = await readCheckpoint(trx, shard)
  const rebuilt = found.generation !== from.generation && found.epoch === from.epoch && found.seq === from.seq
  throw rebuilt ? new SnapshotsRebuilt(shard) : new CheckpointMoved(shard, from)
}
