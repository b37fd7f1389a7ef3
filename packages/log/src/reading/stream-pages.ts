import { BusUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import { retryDelay } from '../waiting.ts'
import { type PulledEvent, pulledEvents } from './pulled-events.ts'

/**
 * All events of a shard in `(after, until]` that its stream holds, in order, page by page: for work on the whole log.
 * What is lost on the way is read again.
 */
export async function* streamPages(
  log: Log,
  shard: number,
  after: number,
  until: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly PulledEvent[], void, undefined> {
  for (let at = after, attempt = 0; at < until; attempt++) {
    signal?.throwIfAborted()
    const before = at
    try {
      for await (const page of pulledEvents(log, { shard, after: at, until, signal })) {
        at = page.at(-1)!.seq
        yield page
      }
      // Whatever comes last may have been purged.
      return
    } catch (error) {
      signal?.throwIfAborted()
      if (log.bus.nc.isClosed()) throw error
      if (at > before) attempt = 0
      if (attempt > 5) throw new BusUnavailable(error)
      await log.bus.untilConnected(signal)
      await retryDelay(attempt, signal)
    }
  }
}
