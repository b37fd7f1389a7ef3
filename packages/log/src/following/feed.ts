import type { Msg, Subscription } from '@nats-io/nats-core'
import type { Log } from '../log.ts'
import { type SessionRef, shardOf } from '../naming/session-ref.ts'
import { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import type { FeedReader } from './feed-reader.ts'
import { Ring } from './ring.ts'

const RING_EVENTS = 512
const RING_BYTES = 256 * 1024

/**
 * One session's chain as it grows, shared by everyone in this process who follows the session. `live` is at most
 * once, so every event is checked against the chain; what is missing is read from the log before anything later
 * is handed on. Readers hold a position each: one that keeps up is served in the same turn of the event loop in
 * which the event arrived, one that does not is served from the ring or the log at its own pace.
 */
export class Feed {
  /** The last event of the chain that this feed knows: readers at this position are live. */
  tail = 0
  readonly ring = new Ring(RING_EVENTS, RING_BYTES)
  private readonly readers = new Set<FeedReader>()
  private readonly shard: number
  private readonly closing = new AbortController()
  private subscription: Subscription | undefined
  /** Live events that arrived while the chain before them was not known. `null` when there is no hole. */
  private early: StoredEvent[] | null = []
  private readonly stopListening: () => void

  constructor(
    readonly log: Log,
    readonly ref: SessionRef,
  ) {
    this.shard = shardOf(ref, log.subjects.shards)
    this.stopListening = log.bus.onReconnect(() => void this.verify())
  }

  /** Subscribes first and asks for the last position afterwards, so that nothing falls in between. */
  async open(signal?: AbortSignal): Promise<void> {
    this.subscription = this.log.bus.nc.subscribe(this.log.subjects.live(this.ref), {
      callback: (error, message) => {
        if (!error) this.onLive(message)
      },
    })
    const either = signal === undefined ? this.closing.signal : AbortSignal.any([signal, this.closing.signal])
    const last = await this.askLeader(either)
    this.tail = last
    this.closeHole()
  }

  get signal(): AbortSignal {
    return this.closing.signal
  }

  get watched(): boolean {
    return this.readers.size > 0
  }

  add(reader: FeedReader): void {
    this.readers.add(reader)
  }

  remove(reader: FeedReader): void {
    this.readers.delete(reader)
  }

  /** Compares with the leader: a live message may have been lost without a later one to show the hole. */
  async verify(): Promise<void> {
    try {
      const last = await this.askLeader(this.closing.signal)
      if (last > this.tail && this.early === null) await this.heal(last)
    } catch (error) {
      if (!this.closing.signal.aborted) throw error
    }
  }

  close(): void {
    this.stopListening()
    this.closing.abort(new Error('the feed was closed'))
    this.subscription?.unsubscribe()
  }

  private onLive(message: Msg): void {
    const seq = Number(message.headers?.get('Nats-Sequence') ?? 0)
    const event = StoredEvent.fromHeaders(seq, this.log.horizon.epoch(this.shard), message.headers, message.data)
    this.log.horizon.saw(this.shard, seq)
    if (this.early !== null) this.early.push(event)
    else if (event.prev === this.tail) this.advance(event)
    else if (event.seq > this.tail && event.prev > this.tail) {
      this.early = [event]
      void this.heal(event.prev)
    }
  }

  private advance(event: StoredEvent): void {
    this.tail = event.seq
    this.ring.push(event)
    for (const reader of this.readers) reader.onEvent(event)
  }

  /** Reads the missing piece of the chain up to `until`, then goes on with what arrived meanwhile. */
  private async heal(until: number): Promise<void> {
    this.early ??= []
    for (let attempt = 0; this.tail < until; attempt++) {
      try {
        const missing = this.log.read(this.ref, this.tail, until, this.closing.signal)
        for await (const event of missing) this.advance(event)
      } catch {
        if (this.closing.signal.aborted) return
        await retryDelay(attempt, this.closing.signal).catch(() => undefined)
        if (this.closing.signal.aborted) return
      }
    }
    this.closeHole()
  }

  private closeHole(): void {
    const early = this.early ?? []
    this.early = null
    for (const [index, event] of early.entries()) {
      if (event.prev === this.tail) this.advance(event)
      else if (event.prev > this.tail) {
        this.early = early.slice(index)
        void this.heal(event.prev)
        return
      }
    }
  }

  private async askLeader(signal: AbortSignal): Promise<number> {
    for (let attempt = 0; ; attempt++) {
      try {
        await this.log.bus.nc.flush()
        return await this.log.lastPosition(this.ref, signal)
      } catch (error) {
        if (signal.aborted || isFinal(error)) throw error
        await retryDelay(attempt, signal)
      }
    }
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof Error && 'retryable' in error && error.retryable === false
}
