import { DeliverPolicy } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import type { Bus } from '../connecting/bus.ts'
import { BusUnavailable } from '../errors.ts'
import { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import { lastSeqOfSubject } from './from-leader.ts'

const PAGE_EVENTS = 512
const PAGE_BYTES = 2 * 1024 * 1024

export interface StreamRange {
  stream: string
  subject: string
  epoch: number
  after: number
  /** A position that is known to be stored; reading goes on until it was reached or has left the stream. */
  until: number
}

/** What JetStream still holds of a subject in `(after, until]`, in order, page by page as the reader asks. */
export async function* fromStream(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent, void, undefined> {
  const pages = bus.features.batchDirectGet ? batches(bus, range) : consumerPages(bus, range)
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
      await retryDelay(emptyPages++)
    } else emptyPages = 0
  }
}

async function* batches(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent[], void, undefined> {
  for (let at = range.after; ;) {
    const page = await batch(bus, range, at)
    at = page.at(-1)?.seq ?? at
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
      else if (done.err === undefined) ended.resolve()
      else ended.reject(new BusUnavailable(done.err))
    },
  })
  await bus.whileConnected(ended.promise)
  return page
}

/** Servers before 2.11 have no batched get: a short-lived ordered consumer reads the subject instead. */
async function* consumerPages(bus: Bus, range: StreamRange): AsyncGenerator<StoredEvent[], void, undefined> {
  const consumer = await bus.js.consumers.get(range.stream, {
    filter_subjects: range.subject,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: range.after + 1,
    inactive_threshold: nanos(30_000),
  })
  try {
    for (;;) {
      const page: StoredEvent[] = []
      const found = await consumer.fetch({ max_messages: PAGE_EVENTS, expires: 1000 })
      for await (const message of found) {
        page.push(StoredEvent.fromHeaders(message.seq, range.epoch, message.headers, message.data))
        if (message.seq >= range.until || message.info.pending === 0) break
      }
      yield page
    }
  } finally {
    await consumer.delete().catch(() => false)
  }
}
