import { DeliverPolicy, type JsMsg, type MsgRequest, type StreamInfo } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { StreamNotFrozen } from '../errors.ts'
import { logStreamName } from '../naming/subjects.ts'
import { askLeader } from '../reading/from-leader.ts'
import { Header } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import { EPOCH, EPOCH_FIRST, type Epoch, epochOf, FROZEN_MAX_BYTES, isFrozen } from './epoch.ts'
import { announceEpoch } from './notices.ts'

/** So far beyond everything that was ever given out does a new epoch begin: nobody knows what was lost. */
const EPOCH_GAP = 1_000_000
const PAGE_EVENTS = 500
/** A replica, or a new leader, may need a moment before it has what the stream holds. */
const READ_WITHIN_MS = 10_000

/** A message of a LOG stream as it lies there. */
export interface RawEvent {
  readonly seq: number
  readonly id: string
  readonly subject: string
  readonly storedAt: Date
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly body: Uint8Array
}

/** What restoring needs of the stored log. */
export interface StoredLog {
  /** The highest epoch and position that is stored of the shard. */
  last(): Promise<{ readonly epoch: number; readonly seq: number }>
  /** Which of these are stored, as they are, under these positions of an epoch; or were, until they were erased. */
  areStored(epoch: number, events: readonly Pick<RawEvent, 'seq' | 'id' | 'subject'>[]): Promise<boolean[]>
}

/** Takes what is not stored and leaves with the purge. Resolves when it is safe. */
export interface Keep {
  add(events: readonly RawEvent[]): Promise<void>
  /** Nothing is purged before this resolves. */
  close(): Promise<void>
}

export interface Restored extends Epoch {
  /** How many events were handed on to be kept. */
  readonly saved: number
  /** How many processes have taken in that a new epoch begins. */
  readonly heard: number
}

/** What has been done when a repair is at one of its steps. Broken off at any of them, it is begun again. */
export type RestoreStep = 'frozen' | 'saved' | 'emptied' | 'named' | 'thawed'

/**
 * Gives a shard whose stream is not the stored log a new epoch, behind everything that is stored. One at a time.
 *
 * @param onStep told of each step; the next one waits for it
 */
export async function restoreShard(
  bus: Bus,
  place: { readonly shard: number; readonly shards: number },
  stored: StoredLog,
  keep: Keep,
  onStep: (step: RestoreStep) => void | Promise<void> = () => undefined,
): Promise<Restored> {
  const stream = logStreamName(place.shard, place.shards)
  await freeze(bus, stream)
  await onStep('frozen')
  const saved = await saveUnstored(bus, stream, stored, keep)
  await onStep('saved')
  await beginAgain(bus, stream, stored)
  await onStep('emptied')
  const begun = await nameEpoch(bus, stream, stored)
  const heard = await announceEpoch(bus, place.shard, begun)
  await onStep('named')
  await thaw(bus, stream)
  await onStep('thawed')
  return { ...begun, saved, heard }
}

/** Where the stream was repaired and only waits to be thawed. Tells once more, in case nobody has. */
export async function finishRestoring(bus: Bus, place: { readonly shard: number; readonly shards: number }) {
  const stream = logStreamName(place.shard, place.shards)
  await announceEpoch(bus, place.shard, epochOf((await bus.jsm.streams.info(stream)).config))
  await thaw(bus, stream)
}

/**
 * From here on nothing is appended to the stream: whoever tries waits, as in front of a full one. What it holds stays.
 * How large it may be is kept in its metadata, so that anybody can thaw it.
 */
async function freeze(bus: Bus, stream: string): Promise<void> {
  const { config } = await bus.jsm.streams.info(stream)
  if (isFrozen(config)) return
  const metadata = { ...config.metadata, [FROZEN_MAX_BYTES]: String(config.max_bytes) }
  await bus.jsm.streams.update(stream, { ...config, max_bytes: 1, metadata })
}

async function thaw(bus: Bus, stream: string): Promise<void> {
  const { config } = await bus.jsm.streams.info(stream)
  if (!isFrozen(config)) return
  const { [FROZEN_MAX_BYTES]: maxBytes, ...metadata } = config.metadata ?? {}
  await bus.jsm.streams.update(stream, { ...config, max_bytes: Number(maxBytes), metadata })
}

/** Hands on, in order, what a frozen stream holds and is not stored. */
async function saveUnstored(bus: Bus, stream: string, stored: StoredLog, keep: Keep): Promise<number> {
  const info = await bus.jsm.streams.info(stream)
  let count = 0
  if (info.state.messages > 0) {
    const { epoch } = epochOf(info.config)
    const from = await firstUnstored(bus, info, stored)
    for await (const page of pages(bus, info, from)) {
      const are = await stored.areStored(epoch, page)
      const unstored = page.filter((_, index) => are[index] !== true)
      count += unstored.length
      if (unstored.length > 0) await keep.add(unstored)
    }
  }
  await keep.close()
  return count
}

/** Empties a frozen stream and moves it to where its next epoch begins. Again it does nothing. */
async function beginAgain(bus: Bus, stream: string, stored: StoredLog): Promise<void> {
  const last = await stored.last()
  const { config, state } = await bus.jsm.streams.info(stream)
  if (!isFrozen(config)) throw new StreamNotFrozen(stream)
  if (state.messages === 0 && state.first_seq >= last.seq + EPOCH_GAP) return
  // A purge up to beyond the end leaves the stream empty, with its end right before that.
  await bus.jsm.streams.purge(stream, { seq: Math.max(last.seq, state.last_seq) + EPOCH_GAP })
}

/** Gives the emptied stream its new epoch, above every one that is known. */
async function nameEpoch(bus: Bus, stream: string, stored: StoredLog): Promise<Epoch> {
  const last = await stored.last()
  const { config, state } = await bus.jsm.streams.info(stream)
  if (!isFrozen(config)) throw new StreamNotFrozen(stream)
  const known = epochOf(config)
  const begun: Epoch =
    known.epoch > last.epoch && known.first === state.first_seq
      ? known
      : { epoch: Math.max(known.epoch, last.epoch) + 1, first: state.first_seq }
  const metadata = { ...config.metadata, [EPOCH]: String(begun.epoch), [EPOCH_FIRST]: String(begun.first) }
  await bus.jsm.streams.update(stream, { ...config, metadata })
  return begun
}

/**
 * The log parts from the stored one at one place, and is the same before it: events have ids of their own, and only
 * follow what was there when they were made. So that place is found without reading all of it.
 */
async function firstUnstored(bus: Bus, { config, state }: StreamInfo, stored: StoredLog): Promise<number> {
  const { epoch } = epochOf(config)
  let low = state.first_seq
  let high = Math.min(state.last_seq, (await stored.last()).seq) + 1
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    const there = await next(bus, config.name, middle)
    const same = there !== null && there.seq < high && (await stored.areStored(epoch, [there]))[0] === true
    if (same) low = there.seq + 1
    else high = middle
  }
  return low
}

async function next(bus: Bus, stream: string, seq: number): Promise<Pick<RawEvent, 'seq' | 'id' | 'subject'> | null> {
  // The server takes the filter here as well as in a direct get; the client's type leaves it out.
  const message = await askLeader(bus, stream, { seq, next_by_subj: '>' } as MsgRequest)
  if (message === null) return null
  return { seq: message.seq, id: message.header.get(Header.id), subject: message.subject }
}

/** All that a frozen stream holds from a position on. Throws rather than leave anything out. */
async function* pages(
  bus: Bus,
  { config, state }: StreamInfo,
  from: number,
): AsyncGenerator<RawEvent[], void, undefined> {
  for (let at = from - 1, triedSinceMs = Date.now(), attempt = 0; at < state.last_seq; attempt++) {
    try {
      for await (const page of consumed(bus, config.name, at)) {
        yield page
        at = page.at(-1)!.seq
        triedSinceMs = Date.now()
      }
      // What lay at the end was erased.
      if ((await next(bus, config.name, at + 1)) === null) return
    } catch (error) {
      // In a cluster the first pull may come before all nodes know the consumer.
      if (Date.now() - triedSinceMs > READ_WITHIN_MS) throw error
    }
    await retryDelay(attempt)
  }
}

/** Ends early where the consumer cannot be used. */
async function* consumed(bus: Bus, stream: string, after: number): AsyncGenerator<RawEvent[], void, undefined> {
  const consumer = await bus.js.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
  })
  for (let more = true; more;) {
    const page: RawEvent[] = []
    for await (const message of await consumer.fetch({ max_messages: PAGE_EVENTS, expires: 2000 })) {
      page.push(rawEvent(message))
      more = message.info.pending > 0
      if (!more) break
    }
    if (page.length === 0) return
    yield page
  }
}

function rawEvent({ seq, subject, headers, data: body, info }: JsMsg): RawEvent {
  const entries = (headers?.keys() ?? []).map((key) => [key, headers?.values(key) ?? []] as const)
  return {
    seq,
    id: headers?.get(Header.id) ?? '',
    subject,
    storedAt: new Date(info.timestampNanos / 1e6),
    headers: Object.fromEntries(entries),
    body,
  }
}
