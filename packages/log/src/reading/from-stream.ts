import type { OrderedConsumerOptions } from '@nats-io/jetstream'
import { DeliverPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import type { Bus } from '../connecting/bus.ts'
import { BusUnavailable } from '../errors.ts'
import { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import { lastSeqOfSubject } from './from-leader.ts'

const PAGE_EVENTS = 512
/** As much as whoever shows history takes at once: what lies ready beyond that is kept in memory meanwhile. */
const PAGE_BYTES = 512 * 1024
/** Up to so many one by one: cheaper than a consumer, and it needs no leader of the whole cluster. */
const FEW_EVENTS = 20

export interface StreamRange {
  stream: string
  subject: string
  epoch: number
  after: number
  /** A position that is known to be stored; reading goes on until it was reached or has left the stream. */
  until: number
  signal?: AbortSignal | undefined
  /** By default whatever is cheapest with this server. */
  through?: 'consumer' | undefined
}

/** What JetStream still holds of a subject in `(after, until]`, in order, page by page as the reader asks. */
export async function* fromStream(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent, void, undefined> {
  const pages =
    bus.features.batchDirectGet && range.through !== 'consumer' ? batches(bus, range) : fewOrConsumerPages(bus, range)
  let at = range.after
  let emptyPages = 0
  for await (const page of pages) {
    for (const event of page) {
      if (event.seq > range.until) return
      at = event.seq
      yield event
    }
    if (at >= range.until) return
    if (page.length === 0) {
      // A replica may lag behind the leader; what has been purged will never come.
      const last = await lastSeqOfSubject(bus, range.stream, range.subject)
      if (last <= at) return
      await retryDelay(emptyPages++, range.signal)
    } else emptyPages = 0
  }
}

async function* batches(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent[], void, undefined> {
  let ahead: Promise<StoredEvent[]> | null = null
  for (let at = range.after; ;) {
    const page = await (ahead ?? batch(bus, range, at))
    at = page.at(-1)?.seq ?? at
    ahead = null
    // The next one comes while this one is worked on.
    if (page.length === PAGE_EVENTS && at < range.until) {
      ahead = batch(bus, range, at)
      ahead.catch(() => undefined)
    }
    yield page
  }
}

async function batch(bus: Bus, range: StreamRange, after: number): Promise<StoredEvent[]> {
  const page: StoredEvent[] = []
  const ended = Promise.withResolvers<void>()
  // With a callback: as an iterator each batch would leave its subscription behind for seconds.
  await bus.jsm.direct.getBatch(range.stream, {
    seq: after + 1,
    next_by_subj: range.subject,
    batch: PAGE_EVENTS,
    max_bytes: PAGE_BYTES,
    callback: (done, message) => {
      if (done === null) page.push(StoredEvent.fromHeaders(message.seq, range.epoch, message.header, message.data))
      else if (done.err === undefined || isEmptyAnswer(done.err)) ended.resolve()
      else ended.reject(done.err)
    },
  })
  await answered(bus, ended.promise)
  return page
}

/** Servers before 2.11 have no batched get: what is more than a few is read by a short-lived ordered consumer. */
async function* fewOrConsumerPages(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent[], void, undefined> {
  for (let at = range.after; ;) {
    const few = await oneByOne(bus, range, at)
    at = few.at(-1)?.seq ?? at
    yield few
    if (few.length < FEW_EVENTS) continue
    for await (const page of consumerPages(bus, { ...range, after: at })) {
      at = page.at(-1)?.seq ?? at
      yield page
    }
  }
}

async function oneByOne(bus: Bus, range: StreamRange, after: number): Promise<StoredEvent[]> {
  const page: StoredEvent[] = []
  for (let at = after; page.length < FEW_EVENTS && at < range.until; at = page.at(-1)!.seq) {
    const query = { seq: at + 1, next_by_subj: range.subject }
    const message = await answered(bus, bus.leader.direct.getMessage(range.stream, query))
    if (message === null) break
    page.push(StoredEvent.fromHeaders(message.seq, range.epoch, message.header, message.data))
  }
  return page
}

/** Ends early where the consumer cannot be used: in a cluster the first pull may come before all nodes know it. */
async function* consumerPages(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent[], void, undefined> {
  const options: Partial<OrderedConsumerOptions> = {
    filter_subjects: range.subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: range.after + 1,
    inactive_threshold: nanos(30_000),
  }
  const consumer = await answered(bus, bus.js.consumers.get(range.stream, options)).catch(() => null)
  if (consumer === null) return
  try {
    for (let more = true; more;) {
      const page: StoredEvent[] = []
      try {
        for await (const message of await consumer.fetch({ max_messages: PAGE_EVENTS, expires: 2000 })) {
          page.push(StoredEvent.fromHeaders(message.seq, range.epoch, message.headers, message.data))
          more = message.seq < range.until && message.info.pending > 0
          if (!more) break
        }
      } catch {
        more = false
      }
      yield page
    }
  } finally {
    await consumer.delete().catch(() => false)
  }
}

function isEmptyAnswer(error: Error): boolean {
  return 'code' in error && error.code === 404
}

async function answered<T>(bus: Bus, answer: Promise<T>): Promise<T> {
  try {
    return await bus.whileConnected(answer)
  } catch (error) {
    throw error instanceof BusUnavailable ? error : new BusUnavailable(error)
  }
}
