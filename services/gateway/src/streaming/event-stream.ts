import { formatCursor } from '@spool/events'
import { type Feed, FeedReader, type Selection, type SessionRef, type StoredEvent } from '@spool/log'
import type { Caller } from '../admitting/caller.ts'
import type { FeedLease } from './feed-lease.ts'
import type { Outlet } from './outlet.ts'
import { shownTo } from './shown-to.ts'
import { sampleLatency } from './stream-metrics.ts'
import { type Ending, NATIVE, type Wire } from './wire.ts'

/** What is put together before it is written. */
const PIECE_BYTES = 32 * 1024

/** Why a stream is over. */
export type StreamEnd =
  /** The last event was sent. */
  | 'finished'
  /** The client went away. */
  | 'left'
  /** The key that it was opened with counts no more. */
  | 'refused'
  /** This process ends. */
  | 'drained'
  | 'failed'

/**
 * One follower: a feed's events, as far as they are selected, written to one client. It holds a position and nothing
 * else. While the client does not read, nothing is taken from the feed; when it reads again, it goes on where it was.
 */
export class EventStream {
  /** The last event that was written. */
  position = 0
  readonly openedAtMs = Date.now()
  private reader: FeedReader | null = null
  private feed: Feed | null = null
  private ended: StreamEnd | null = null
  private closing: AbortController | null = null
  private positionAsked = 0
  private readonly keepAlive: NodeJS.Timeout
  private flushing: NodeJS.Timeout | undefined
  /** What is still to be written in this turn. */
  private held: Uint8Array[] | null = null
  private heldBytes = 0
  private isFull = false
  /** What an event needs is on its way: until then nothing more is taken. */
  private preparing = false

  constructor(
    readonly ref: SessionRef,
    readonly selection: Selection,
    private readonly response: Outlet,
    private readonly lease: FeedLease,
    private readonly onEnd: (end: StreamEnd, error?: unknown) => void,
    /** For people: why nothing may be coming. */
    remark: () => string,
    keepAliveMs: number,
    private readonly wire: Wire = NATIVE,
  ) {
    this.keepAlive = setInterval(() => response.sign(wire.keepAlive(remark())), wire.keepAliveMs ?? keepAliveMs)
    response.onDrain(() => {
      this.isFull = false
      this.goOn()
    })
    response.onClose(() => this.close('left'))
  }

  /** Whether a run is going on, as far as this stream has seen, or anything has come since the last time it was asked. */
  wasActive(): boolean {
    const moved = this.position !== this.positionAsked
    this.positionAsked = this.position
    return moved || this.selection.run?.endedSeq === null
  }

  /** Where nobody has set another limit; 0: none. */
  get ownLimitMs(): number {
    return this.wire.maxMs ?? 0
  }

  get peer(): string | undefined {
    return this.response.peer
  }

  get caller(): Caller {
    return this.response.caller
  }

  get over(): boolean {
    return this.ended !== null
  }

  /** Follows after a position. */
  attach(feed: Feed, after: number): void {
    if (this.over) return
    this.feed = feed
    this.position = after
    this.reader = new FeedReader(
      feed,
      after,
      (event) => this.deliver(event),
      (error) => this.fail(error),
      () => this.settle(),
    )
    this.reader.resume()
  }

  /** A frame that is not an event. */
  write(frame: Uint8Array): void {
    this.hold(frame)
    this.settle()
  }

  /** Says the last words, as soon as they may be said, and ends. */
  finish(ending: Ending = 'finished'): void {
    if (this.over || this.closing !== null) return
    this.closing = new AbortController()
    this.reader?.close()
    const ready = ending === 'finished' ? this.wire.readyToClose?.(this.position, this.closing.signal) : undefined
    if (ready === undefined) this.end(ending)
    else
      ready.then(
        () => this.end(ending),
        (error: unknown) => this.fail(error),
      )
  }

  /** Nobody hears it any more. */
  cut(): void {
    if (this.close('left')) this.response.abort()
  }

  sendAway(): void {
    if (!this.close('drained')) return
    this.flush()
    this.response.sendAway()
  }

  /** The client is told when it comes back. */
  refuse(): void {
    if (this.close('refused')) this.response.abort()
  }

  fail(error: unknown): void {
    if (this.close('failed', error)) this.response.abort()
  }

  private deliver(stored: StoredEvent): boolean {
    const place = this.selection.take(stored)
    if (place === 'skip') return true
    const event = shownTo(this.caller, stored)
    const needed = this.wire.prepare?.(event)
    if (needed === undefined) return this.hand(event, place)
    this.preparing = true
    needed.then(
      () => {
        this.preparing = false
        if (this.over || this.closing !== null) return
        this.hand(event, place)
        if (this.settle()) this.goOn()
      },
      (error: unknown) => this.fail(error),
    )
    return false
  }

  private goOn(): void {
    if (!this.preparing) this.reader?.resume()
  }

  private hand(event: StoredEvent, place: 'send' | 'last'): boolean {
    const frames = this.wire.frames(event, this.ref.session)
    if (frames !== null) this.hold(frames)
    this.position = event.seq
    if (event.seq === this.feed?.tail) sampleLatency(event)
    if (place === 'last' || this.wire.over === true) this.finish()
    else if (this.wire.flushMs !== undefined) this.flushing ??= setTimeout(() => this.flush(), this.wire.flushMs)
    return this.heldBytes < PIECE_BYTES || this.settle()
  }

  /** What comes in one turn is written in one piece. */
  private hold(frames: Uint8Array): void {
    this.held ??= []
    this.held.push(frames)
    this.heldBytes += frames.length
  }

  /** Writes what is held. `false`: nothing more is to be taken until there is room again. */
  private settle(): boolean {
    const { held } = this
    if (held !== null) {
      this.held = null
      this.heldBytes = 0
      this.isFull = !this.response.write(...held)
    }
    return !this.isFull
  }

  private flush(): void {
    clearTimeout(this.flushing)
    this.flushing = undefined
    const held = this.wire.flush?.()
    if (held != null) this.hold(held)
    this.settle()
  }

  private end(ending: Ending): void {
    if (!this.close('finished')) return
    this.flush()
    const last = this.wire.close?.(ending, { session: this.ref.session, cursor: this.cursor() })
    if (last != null) this.write(last)
    this.response.end()
  }

  private cursor(): string {
    const { feed, position, ref } = this
    return formatCursor({ epoch: feed?.log.epochOf(ref, position) ?? 0, seq: position })
  }

  private close(end: StreamEnd, error?: unknown): boolean {
    if (this.over) return false
    this.ended = end
    clearInterval(this.keepAlive)
    clearTimeout(this.flushing)
    this.closing?.abort()
    this.reader?.close()
    this.lease.release()
    this.onEnd(end, error)
    return true
  }
}
