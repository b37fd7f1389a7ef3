import { eventIdAt, type Log, purgeBefore, streamExtent } from '@spool/log'
import { type Schema, storableId, type StoredPlace } from '@spool/store'
import type { Kysely } from 'kysely'

/**
 * Removes the oldest events of a shard from its stream, as far as they are stored, and says how many.
 *
 * The event at the checkpoint stays: by its id a store that came back behind is told from the one that is stored, and
 * the purge cannot reach the stream's end, which it would move.
 *
 * @param firstSeq where the stream begins
 * @param keepFrom given the position of the checkpoint: the first position to stay
 */
export async function purgeStored(
  { log, kysely, shard }: { log: Log; kysely: Kysely<Schema>; shard: number },
  firstSeq: number,
  keepFrom: (checkpoint: number) => number | Promise<number>,
): Promise<number> {
  // As it is committed, not as a projector has it in mind.
  const checkpoint = await kysely
    .selectFrom('projection')
    .select(['epoch', 'seq', 'event_id as id'])
    .where('shard', '=', shard)
    .executeTakeFirst()
  if (checkpoint === undefined) return 0
  const seq = Math.min(await keepFrom(checkpoint.seq), checkpoint.seq)
  if (seq <= firstSeq || !(await isStoredLog(log, shard, checkpoint))) return 0
  return purgeBefore(log, shard, firstSeq, seq)
}

/**
 * Looked at right before the purge: another life of the stream has other events at these positions. Where the event of
 * the checkpoint has gone with its session, the next one will tell.
 */
async function isStoredLog(log: Log, shard: number, checkpoint: StoredPlace): Promise<boolean> {
  const { epoch, lastSeq } = await streamExtent(log, shard)
  if (epoch !== checkpoint.epoch || lastSeq < checkpoint.seq) return false
  const id = await eventIdAt(log, shard, checkpoint.seq)
  return id !== null && storableId(id) === checkpoint.id
}
