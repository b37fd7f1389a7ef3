import type { MsgRequest, StreamInfo } from '@nats-io/jetstream'
import { BusUnavailable } from '../errors.ts'
import { ERASED, type Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { logStreamName, sessionOfLogSubject } from '../naming/subjects.ts'
import { StoredEvent } from '../stored-event.ts'
import { epochOf } from '../restoring/epoch.ts'
import { askLeader, endOfSubject } from './from-leader.ts'
import { retryDelay } from '../waiting.ts'
import { type PulledEvent, pulledEvents } from './pulled-events.ts'

/** What one LOG stream holds, as its leader has it. */
export interface StreamExtent {
  readonly epoch: number
  /** The first position of the epoch; 0 for the first epoch. */
  readonly epochFirst: number
  /** The first position that is still there; one beyond `lastSeq` where nothing is. */
  readonly firstSeq: number
  readonly lastSeq: number
}

/** An event of any session, in the order of the stream. Its body shares its memory with those of its page. */
export interface StreamedEvent {
  readonly ref: SessionRef
  readonly stored: StoredEvent
  /** When JetStream stored it, in milliseconds of the Unix clock. */
  readonly storedAtMs: number
}

export async function streamExtent(log: Log, shard: number): Promise<StreamExtent> {
  return extentOf(await log.bus.jsm.streams.info(logStreamName(shard, log.subjects.shards)))
}

export function extentOf({ config, state }: StreamInfo): StreamExtent {
  const { epoch, first } = epochOf(config)
  return {
    epoch,
    epochFirst: first,
    firstSeq: state.first_seq,
    lastSeq: state.last_seq,
  }
}

/** The first event at or behind a position: where it lies, and since when. `null`: there is none. */
export async function firstFrom(
  log: Log,
  shard: number,
  seq: number,
): Promise<{ readonly seq: number; readonly storedAtMs: number } | null> {
  const query = { seq, next_by_subj: '>' } as MsgRequest
  const message = await askLeader(log.bus, logStreamName(shard, log.subjects.shards), query)
  return message === null ? null : { seq: message.seq, storedAtMs: message.time.getTime() }
}

/** The id of the event at a position, from the leader. `null` where the stream holds nothing there. */
export async function eventIdAt(log: Log, shard: number, seq: number): Promise<string | null> {
  const message = await log.bus.jsm.streams.getMessage(logStreamName(shard, log.subjects.shards), { seq })
  return message === null ? null : StoredEvent.fromHeaders(seq, 0, message.header, message.data).id
}

/** Whether what the stream holds of a session ends with its erasure: then all before it was removed on purpose. */
export async function endsErased(log: Log, ref: SessionRef): Promise<boolean> {
  const end = await endOfSubject(log.bus, log.subjects.logStream(ref), log.subjects.log(ref))
  return end?.type === ERASED
}

/**
 * Every event of a shard after a position, in order, and on with those to come.
 *
 * Ends when the connection was lost and is back, or the server has lost its place (what is there now need not be the
 * stream of before: look, then read again), when a new epoch begins, or when the signal is aborted.
 */
export async function* readStream(
  log: Log,
  shard: number,
  epoch: number,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly StreamedEvent[], void, undefined> {
  const over = new AbortController()
  const stopListening = log.horizon.onEpoch(() => {
    if (log.horizon.epoch(shard) !== epoch) over.abort()
  })
  const stop = AbortSignal.any([signal, over.signal])
  try {
    for await (const page of pulledEvents(log, { shard, after, signal: stop })) {
      yield page.map((event) => streamed(event, epoch))
    }
  } catch (error) {
    if (stop.aborted) return
    if (!(error instanceof BusUnavailable)) throw error
    await log.bus.untilConnected(stop).catch(() => undefined)
    await retryDelay(0, stop).catch(() => undefined)
  } finally {
    stopListening()
  }
}

function streamed(event: PulledEvent, epoch: number): StreamedEvent {
  const { subject, storedAtMs, body } = event
  return { ref: sessionOfLogSubject(subject), stored: new StoredEvent({ ...event, epoch }, body), storedAtMs }
}
