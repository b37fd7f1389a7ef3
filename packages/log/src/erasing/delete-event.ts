import { JetStreamApiError } from '@nats-io/jetstream'
import { BusUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import { logStreamName } from '../naming/subjects.ts'

const NOT_FOUND = new Set([10037, 10043, 10057])

/**
 * Removes one event from the stream, content and all: what a writer that knew nothing has appended to a session that
 * was erased. What is gone already counts as removed.
 */
export async function deleteEvent(log: Log, shard: number, seq: number): Promise<void> {
  const stream = logStreamName(shard, log.subjects.shards)
  try {
    await log.bus.whileConnected(log.bus.leader.streams.deleteMessage(stream, seq, true))
  } catch (error) {
    if (error instanceof JetStreamApiError && NOT_FOUND.has(error.code)) return
    throw error instanceof JetStreamApiError || error instanceof BusUnavailable ? error : new BusUnavailable(error)
  }
}
