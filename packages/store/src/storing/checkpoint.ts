import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'

/** The last event of a shard that is stored. `seq` 0: none. */
export interface Checkpoint {
  readonly epoch: number
  readonly seq: number
  readonly id: string
}

/** Somebody else has moved the checkpoint: this process has lost its lock without hearing of it. */
export class CheckpointMoved extends Error {
  override readonly name = 'CheckpointMoved'
  readonly code = 'checkpoint_moved'

  constructor(shard: number, expected: Checkpoint) {
    super(`The checkpoint of shard ${shard} is no longer at ${expected.epoch}-${expected.seq}.`)
  }
}

export async function readCheckpoint(kysely: Kysely<Schema>, shard: number): Promise<Checkpoint> {
  await kysely
    .insertInto('projection')
    .values({ shard, epoch: 0, seq: 0, event_id: '' })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const { epoch, seq, event_id } = await kysely
    .selectFrom('projection')
    .select(['epoch', 'seq', 'event_id'])
    .where('shard', '=', shard)
    .executeTakeFirstOrThrow()
  return { epoch, seq, id: event_id }
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

/** Compare and set: of two who project the same shard only one gets further. */
export async function moveCheckpoint(
  trx: Kysely<Schema>,
  shard: number,
  from: Checkpoint,
  to: Checkpoint,
): Promise<void> {
  const { numUpdatedRows } = await trx
    .updateTable('projection')
    .set({ epoch: to.epoch, seq: to.seq, event_id: to.id, stored_at: new Date() })
    .where('shard', '=', shard)
    .where('epoch', '=', from.epoch)
    .where('seq', '=', from.seq)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new CheckpointMoved(shard, from)
}
