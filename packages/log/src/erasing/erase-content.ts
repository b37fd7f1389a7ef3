import { JetStreamApiError } from '@nats-io/jetstream'
import { Blobs } from '../blobs/blobs.ts'
import { BusUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { announceErased } from './announce-erased.ts'

/**
 * Removes from NATS what there is of an erased session: its events up to the one that says so, and its blobs. That one
 * event stays and goes on fencing every writer; by its position, since one that slept may have appended behind it.
 * Those who keep something elsewhere are told.
 */
export async function eraseContent(log: Log, ref: SessionRef, erasedAt: number): Promise<void> {
  const { bus, subjects } = log
  announceErased(log, ref)
  try {
    const before = { filter: subjects.log(ref), seq: erasedAt }
    await bus.whileConnected(bus.leader.streams.purge(subjects.logStream(ref), before))
  } catch (error) {
    if (error instanceof JetStreamApiError || error instanceof BusUnavailable) throw error
    throw new BusUnavailable(error)
  }
  await new Blobs(bus).eraseOf(ref)
}
