import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos, nuid } from '@nats-io/nats-core'
import { BusUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import { messageHeaders } from '../message-headers.ts'
import { logStreamName } from '../naming/subjects.ts'
import { type EventPlace, placeOf } from '../stored-event.ts'
import { within } from '../waiting.ts'

/** An event of any session, in the order of its shard. Of its body only what is used at once may be kept without a copy. */
export interface PulledEvent extends Omit<EventPlace, 'epoch'> {
  readonly subject: string
  /** When JetStream stored it, in milliseconds of the Unix clock. */
  readonly storedAtMs: number
  readonly body: Uint8Array
}

export interface Pulling {
  readonly shard: number
  readonly after: number
  /** Past this position, or past what there is when it is reached, it ends. Default: never, what is to come is waited for. */
  readonly until?: number
  readonly signal?: AbortSignal | undefined
}

const PULL_EVENTS = 5000
const PULL_BYTES = 16 * 1024 ** 2
const PULL_EXPIRES_MS = 5000
/** With no sign for so long, the consumer is gone, or what it sent was lost. */
const SILENCE_MS = 7000
/** So much may lie here before the next pull. */
const HELD_EVENTS = 2 * PULL_EVENTS
const HELD_BYTES = 2 * PULL_BYTES
/** Of what is there already, together: work on many at a time costs less. */
const PAGE_EVENTS = 500

/**
 * The events of a shard after a position, in order, in pages of what has come together: for who reads all of them, where
 * the client's own consumers would cost more than the work. Nothing durable, no acks: the reader's own checkpoint is
 * the only truth about how far it has come. One pull is under way while the events of the one before are worked on.
 *
 * `BusUnavailable` where the connection or the consumer was lost, or an event on the way: read again behind the last.
 */
export async function* pulledEvents(
  { bus, subjects }: Log,
  { shard, after, until, signal }: Pulling,
): AsyncGenerator<readonly PulledEvent[], void, undefined> {
  const stream = logStreamName(shard, subjects.shards)
  signal?.throwIfAborted()
  const making = bus.jsm.consumers.add(stream, {
    name: nuid.next(),
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(60_000),
  })
  const consumer = await bus.whileConnected(making)
  const last = until ?? Infinity
  const inbox = createInbox()
  const addresses = new AckAddresses()
  let held: PulledEvent[] = []
  let heldBytes = 0
  let pulls = 0
  let open = 0
  let consumed = 0
  let ended = false
  let failure: Error | null = null
  let wake = Promise.withResolvers<void>()
  const pull = () => {
    const hasRoom = held.length <= HELD_EVENTS && heldBytes <= HELD_BYTES
    if (ended || failure !== null || open > PULL_EVENTS / 2 || !hasRoom) return
    open += PULL_EVENTS
    const reply = `${inbox}.${++pulls}`
    const ask = { batch: PULL_EVENTS, max_bytes: PULL_BYTES, expires: nanos(PULL_EXPIRES_MS) }
    bus.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer.name}`, JSON.stringify(ask), { reply })
  }
  const take = (message: Msg) => {
    if (ended) return
    const { seq, delivered, storedAtMs, pending } = addresses.read(message.reply ?? '')
    // One was lost on the way.
    if (delivered !== consumed + 1) failure ??= new BusUnavailable()
    if (failure !== null) return wake.resolve()
    consumed = delivered
    open--
    if (seq <= last) {
      const { subject, data: body } = message
      held.push({ ...placeOf(seq, messageHeaders(message)), subject, storedAtMs, body })
      heldBytes += body.length
    }
    if (until !== undefined && (seq >= until || pending === 0)) ended = true
    if (ended || pending === 0 || held.length >= PAGE_EVENTS) wake.resolve()
    if (open <= PULL_EVENTS / 2) pull()
  }
  const hearOf = (pullEnded: Msg) => {
    if (pullEnded.subject !== `${inbox}.${pulls}`) return
    if (!isOrdinaryEnd(pullEnded)) failure ??= new BusUnavailable()
    open = 0
    pull()
  }
  const subscription = bus.nc.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (error) failure ??= error
      else if (!message.subject.startsWith(inbox)) return take(message)
      else hearOf(message)
      wake.resolve()
    },
  })
  const stopListening = bus.onDisconnect(() => {
    failure ??= new BusUnavailable()
    wake.resolve()
  })
  const abort = () => wake.resolve()
  signal?.addEventListener('abort', abort)
  try {
    signal?.throwIfAborted()
    if (until !== undefined && consumer.num_pending === 0) return
    pull()
    for (;;) {
      if (held.length === 0 && !ended && failure === null) {
        await within(SILENCE_MS, wake.promise).catch(() => (failure ??= new BusUnavailable()))
      }
      wake = Promise.withResolvers<void>()
      signal?.throwIfAborted()
      const page = held
      held = []
      heldBytes = 0
      pull()
      if (page.length > 0) yield page
      if (failure !== null) throw failure as Error
      if (ended && held.length === 0) return
    }
  } finally {
    ended = true
    signal?.removeEventListener('abort', abort)
    stopListening()
    subscription.unsubscribe()
    if (bus.connected) void bus.jsm.consumers.delete(stream, consumer.name).catch(() => false)
  }
}

/** All of its bytes or events have come, or nothing more came in time. Anything else is the end of the consumer. */
function isOrdinaryEnd({ headers }: Msg): boolean {
  return headers?.code === 408 || /completed|maxbytes/i.test(headers?.description ?? '')
}

/**
 * Reads `…<stream>.<consumer>.<times>.<seq>.<delivered>.<stored at>.<pending>…`, the address an ack would go to. All up
 * to `seq` is the same for all messages of a consumer, with a domain in it or without.
 */
class AckAddresses {
  private prefix = ''

  read(address: string): { seq: number; delivered: number; storedAtMs: number; pending: number } {
    if (this.prefix === '' || !address.startsWith(this.prefix)) this.prefix = prefixOf(address)
    const seqEnd = address.indexOf('.', this.prefix.length)
    const deliveredEnd = address.indexOf('.', seqEnd + 1)
    const storedAtEnd = address.indexOf('.', deliveredEnd + 1)
    return {
      seq: digits(address, this.prefix.length),
      delivered: digits(address, seqEnd + 1),
      storedAtMs: digits(address, deliveredEnd + 1) / 1e6,
      pending: digits(address, storedAtEnd + 1),
    }
  }
}

const TOKENS_WITHOUT_DOMAIN = 9

function prefixOf(address: string): string {
  const tokens = address.split('.')
  return `${tokens.slice(0, tokens.length === TOKENS_WITHOUT_DOMAIN ? 5 : 7).join('.')}.`
}

/** The number that begins there. */
function digits(text: string, from: number): number {
  let number = 0
  for (let at = from; at < text.length; at++) {
    const digit = text.charCodeAt(at) - 48
    if (digit < 0 || digit > 9) break
    number = number * 10 + digit
  }
  return number
}
