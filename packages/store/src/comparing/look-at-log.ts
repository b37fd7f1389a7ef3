import { endsErased, eventIdAt, type Log, type StreamExtent, streamExtent } from '@spool/log'
import type { Kysely } from 'kysely'
import type { Schema } from '../database/schema.ts'
import type { StoredPlace } from '../storing/checkpoint.ts'
import { storableId } from '../storing/storable.ts'
import { diverged, type LogDiverged, startingPoint } from './starting-point.ts'

export interface LookAtLog {
  readonly stream: StreamExtent
  readonly start: { readonly after: number } | LogDiverged
}

/** So many before the checkpoint: sessions are erased one by one. */
const NEIGHBOURS = 20

/** Whether a shard's stream is the log that is stored up to the checkpoint, and from where it is read on. */
export async function lookAtLog(
  kysely: Kysely<Schema>,
  log: Log,
  shard: number,
  checkpoint: StoredPlace,
): Promise<LookAtLog> {
  const stream = await streamExtent(log, shard)
  const there = checkpoint.seq === 0 ? null : await eventIdAt(log, shard, checkpoint.seq)
  const start = startingPoint(checkpoint, stream, there === null ? null : storableId(there))
  const isEnough = there !== null || 'code' in start || stream.epoch !== checkpoint.epoch
  if (isEnough || stream.firstSeq >= checkpoint.seq) return { stream, start }
  // The event has left the stream with its session, whose rows go too: the last one that has not says the same.
  const neighbours = await kysely
    .selectFrom('events')
    .select(['tenant', 'session', 'seq', 'event_id'])
    .where('shard', '=', shard)
    .where('epoch', '=', checkpoint.epoch)
    .where('seq', '>=', stream.firstSeq)
    .where('seq', '<=', checkpoint.seq)
    .orderBy('seq', 'desc')
    .limit(NEIGHBOURS)
    .execute()
  for (const { tenant, session, seq, event_id: id } of neighbours) {
    const found = await eventIdAt(log, shard, seq)
    if (found === null) {
      // A server that lost its last writes, but not its note of how far it had come, ends where it did, with nothing there.
      if ((await endsErased(log, { tenant, session })) || (await streamExtent(log, shard)).firstSeq > seq) continue
      return { stream, start: diverged(`The log has lost event ${id} at ${seq}, which is stored.`) }
    }
    if (storableId(found) === id) break
    return { stream, start: diverged(`The log has event ${found} at ${seq}, but ${id} is stored there.`) }
  }
  return { stream, start }
}
