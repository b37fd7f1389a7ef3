import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream'
import { createInbox, type Msg, nanos } from '@nats-io/nats-core'
import { BusUnavailable } from '../errors.ts'
import type { Log } from '../log.ts'
import { logStreamName } from '../naming/subjects.ts'
import { type EventPlace, Header, StoredEvent } from '../stored-event.ts'
import { retryDelay, within } from '../waiting.ts'

/** An event of any session as bulk work reads it. Of its body only what is used at once may be kept without a copy. */
export interface BulkEvent extends Omit<EventPlace, 'epoch'> {
  readonly subject: string
  readonly body: Uint8Array
}

const PULL_EVENTS = 5000
const PULL_BYTES = 16 * 1024 ** 2
const PULL_EXPIRES_MS = 5000
/** With none for so long, the consumer is gone, or what it sent was lost. */
const SILENCE_MS = 7000
/** So much may lie here before the next pull. */
const HELD_BYTES = 2 * PULL_BYTES

/**
 * All events of a shard in `(after, until]` that its stream holds, in order, page by page: for work on the whole log,
 * where the client's own consumers would cost more than the work. One pull is under way while the pages of the one
 * before are worked on. What is lost on the way is read again.
 */
export async function* streamPages(
  log: Log,
  shard: number,
  after: number,
  until: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly BulkEvent[], void, undefined> {
  for (let at = after, attempt = 0; at < until; attempt++) {
    signal?.throwIfAborted()
    const before = at
    try {
      for await (const page of pulled(log, shard, at, until, signal)) {
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

async function* pulled(
  { bus, subjects }: Log,
  shard: number,
  after: number,
  until: number,
  signal?: AbortSignal,
): AsyncGenerator<readonly BulkEvent[], void, undefined> {
  const stream = logStreamName(shard, subjects.shards)
  const consumer = await bus.jsm.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: after + 1,
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: nanos(60_000),
  })
  const inbox = createInbox()
  const addresses = new AckAddresses()
  let held: BulkEvent[] = []
  let heldBytes = 0
  let pulls = 0
  let open = 0
  let consumed = 0
  let ended = false
  let failure: Error | null = null
  let wake = Promise.withResolvers<void>()
  const pull = () => {
    if (ended || failure !== null || open > PULL_EVENTS / 2 || heldBytes > HELD_BYTES) return
    open += PULL_EVENTS
    const reply = `${inbox}.${++pulls}`
    const ask = { batch: PULL_EVENTS, max_bytes: PULL_BYTES, expires: nanos(PULL_EXPIRES_MS) }
    bus.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer.name}`, JSON.stringify(ask), { reply })
  }
  const take = (message: Msg) => {
    if (ended) return
    const { seq, delivered, pending } = addresses.read(message.reply ?? '')
    // One was lost on the way.
    if (delivered !== consumed + 1) failure ??= new BusUnavailable()
    if (failure !== null) return wake.resolve()
    consumed = delivered
    open--
    if (seq <= until) {
      held.push(eventOf(message, seq))
      heldBytes += message.data.length
    }
    if (seq >= until || pending === 0) ended = true
    if (ended || held.length >= 500) wake.resolve()
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
    if (consumer.num_pending === 0) return
    pull()
    for (;;) {
      if (held.length === 0 && !ended && failure === null) await within(SILENCE_MS, wake.promise)
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

  read(address: string): { seq: number; delivered: number; pending: number } {
    if (this.prefix === '' || !address.startsWith(this.prefix)) this.prefix = prefixOf(address)
    const seqEnd = address.indexOf('.', this.prefix.length)
    const deliveredEnd = address.indexOf('.', seqEnd + 1)
    const storedAtEnd = address.indexOf('.', deliveredEnd + 1)
    return {
      seq: digits(address, this.prefix.length),
      delivered: digits(address, seqEnd + 1),
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

function eventOf(message: Msg, seq: number): BulkEvent {
  const { subject, data: body } = message
  const head = headText(message)
  if (head === null) {
    const { prev, id, type, trace } = StoredEvent.fromHeaders(seq, 0, message.headers, body)
    return { subject, seq, prev, id, type, trace, body }
  }
  const trace = valueIn(head, TRACE)
  return {
    subject,
    seq,
    prev: Number(valueIn(head, PREV)),
    id: valueIn(head, ID),
    type: valueIn(head, TYPE),
    trace: trace === '' ? undefined : trace,
    body,
  }
}

const ID = `\r\n${Header.id}: `
const PREV = `\r\n${Header.prev}: `
const TYPE = `\r\n${Header.type}: `
const TRACE = `\r\n${Header.trace}: `
const HEAD = 'NATS/1.0\r\n'

/** Subject, reply, headers and body together. The client's messages have it; their type does not. */
interface SizedMsg extends Msg {
  size(): number
}

/**
 * The headers as they came: they lie right before the body in the same piece of memory. `null` where they do not, or
 * where they are not as our writers write them: then the client reads them, at ten times the price.
 */
function headText(message: Msg): string | null {
  const { data, subject, reply = '' } = message
  const length = (message as SizedMsg).size?.() - subject.length - reply.length - data.length
  if (!(length > 0) || data.byteOffset < length) return null
  const text = Buffer.from(data.buffer, data.byteOffset - length, length).toString('latin1')
  return text.startsWith(HEAD) && isPlain(text) ? text : null
}

function isPlain(text: string): boolean {
  return !/[^\r\n -~]|: {2}| \r/.test(text)
}

function valueIn(head: string, name: string): string {
  const at = head.indexOf(name)
  if (at < 0) return ''
  const from = at + name.length
  return head.slice(from, head.indexOf('\r\n', from))
}
