import { type ConsumerMessages, DeliverPolicy, type MsgRequest, type StreamInfo } from '@nats-io/jetstream'
import { ERASED, type Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { logStreamName, sessionOfLogSubject } from '../naming/subjects.ts'
import { StoredEvent } from '../stored-event.ts'
import { epochOf } from '../restoring/epoch.ts'
import { askLeader, endOfSubject } from './from-leader.ts'

/** What one LOG stream holds, as its leader has it. */
export interface StreamExtent {
  readonly epoch: number
  /** The first position of the epoch; 0 for the first epoch. */
  readonly epochFirst: number
  /** The first position that is still there; one beyond `lastSeq` where nothing is. */
  readonly firstSeq: number
  readonly lastSeq: number
}

/** An event of any session, in the order of the stream. */
export interface StreamedEvent {
  readonly ref: SessionRef
  readonly stored: StoredEvent
  /** When JetStream stored it, in milliseconds of the Unix clock. */
  readonly storedAtMs: number
}

/** Each may have 256 KiB. */
const READ_AHEAD_EVENTS = 500

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
 * Every event of a shard after a position, in order, and on with those to come. An ordered consumer: nothing durable,
 * no acks, so the reader's own checkpoint is the only truth about how far it has come.
 *
 * Ends when the connection was lost and is back, or the server has lost its place (what is there now need not be the
 * stream of before: look, then read again), when a new epoch begins, or when the signal is aborted.
 */
export async function* readStream(
  log: Log,
  shard: number,
  epoch: number,
  afterSeq: number,
  signal: AbortSignal,
): AsyncGenerator<StreamedEvent, void, undefined> {
  if (signal.aborted) return
  const { bus } = log
  const consumer = await bus.js.consumers.get(logStreamName(shard, log.subjects.shards), {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: afterSeq + 1,
  })
  const messages = await consumer.consume({ max_messages: READ_AHEAD_EVENTS, idle_heartbeat: 5000 })
  const stop = () => messages.stop()
  const stopListening = [
    bus.onReconnect(stop),
    log.horizon.onEpoch(() => {
      if (log.horizon.epoch(shard) !== epoch) stop()
    }),
  ]
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  void stopWhenRecreated(messages)
  try {
    for await (const message of messages) {
      yield {
        ref: sessionOfLogSubject(message.subject),
        stored: StoredEvent.fromHeaders(message.seq, epoch, message.headers, message.data),
        storedAtMs: message.info.timestampNanos / 1e6,
      }
    }
  } finally {
    for (const stopOne of stopListening) stopOne()
    signal.removeEventListener('abort', stop)
    stop()
  }
}

async function stopWhenRecreated(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (type === 'ordered_consumer_recreated') messages.stop()
}
