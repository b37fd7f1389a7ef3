import type { Log } from '../log.ts'
import { logStreamName } from '../naming/subjects.ts'

/** Takes some 10 ms, in which nothing else is appended. */
const AT_ONCE = 20_000

/**
 * Removes from a LOG stream what lies before a position, whosever it is, and says how many events that were. For what
 * is stored elsewhere: nobody else looks. Again it does nothing.
 *
 * @param from where the stream begins; it must not end before `seq`, for then the server would move its end there
 */
export async function purgeBefore(log: Log, shard: number, from: number, seq: number): Promise<number> {
  const stream = logStreamName(shard, log.subjects.shards)
  let removed = 0
  for (let before = from; before < seq;) {
    before = Math.min(before + AT_ONCE, seq)
    const { purged } = await log.bus.whileConnected(log.bus.leader.streams.purge(stream, { seq: before }))
    removed += purged
  }
  return removed
}
