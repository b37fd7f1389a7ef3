import type { MsgRequest, StoredMsg } from '@nats-io/jetstream'
import { JetStreamApiError } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { BusUnavailable } from '../errors.ts'
import { Header, StoredEvent } from '../stored-event.ts'

/*
 * Reads that must not be stale go to the stream's leader (STREAM.MSG.GET). A direct get may be answered by a
 * replica that lags behind an append that was already acknowledged.
 */

export async function lastSeqOfSubject(bus: Bus, stream: string, subject: string): Promise<number> {
  const message = await askLeader(bus, stream, { last_by_subj: subject })
  return message?.seq ?? 0
}

/** Where a subject ends, and with what event. `null`: it is empty. */
export async function endOfSubject(
  bus: Bus,
  stream: string,
  subject: string,
): Promise<{ readonly seq: number; readonly id: string; readonly type: string } | null> {
  const message = await askLeader(bus, stream, { last_by_subj: subject })
  if (message === null) return null
  const { seq, header } = message
  return { seq, id: header.get(Header.id), type: header.get(Header.type) }
}

export async function nextOnSubject(
  bus: Bus,
  stream: string,
  subject: string,
  after: number,
  epoch: number,
): Promise<StoredEvent | null> {
  // The server takes the filter here as well as in a direct get; the client's type leaves it out.
  const message = await askLeader(bus, stream, { seq: after + 1, next_by_subj: subject } as MsgRequest)
  return message === null ? null : fromStored(message, epoch)
}

/** Every event of the subject after a position. For the few that a writer may have missed, not for history. */
export async function allAfter(
  bus: Bus,
  stream: string,
  subject: string,
  after: number,
  epoch: number,
): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let at = after; ; at = events.at(-1)!.seq) {
    const next = await nextOnSubject(bus, stream, subject, at, epoch)
    if (next === null) return events
    events.push(next)
  }
}

/** Whether the message at `seq` belongs to the subject. */
export async function isOnSubject(bus: Bus, stream: string, subject: string, seq: number): Promise<boolean> {
  const message = await askLeader(bus, stream, { seq })
  return message?.subject === subject
}

/** `null` where nothing matches. */
export async function askLeader(bus: Bus, stream: string, query: MsgRequest): Promise<StoredMsg | null> {
  try {
    return await bus.whileConnected(bus.leader.streams.getMessage(stream, query))
  } catch (error) {
    if (error instanceof JetStreamApiError || error instanceof BusUnavailable) throw error
    throw new BusUnavailable(error)
  }
}

function fromStored(message: StoredMsg, epoch: number): StoredEvent {
  return StoredEvent.fromHeaders(message.seq, epoch, message.header, message.data)
}
