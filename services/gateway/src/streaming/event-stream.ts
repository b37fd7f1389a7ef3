import { type Feed, FeedReader, frameOf, type Selection, type SessionRef, type StoredEvent } from '@spool/log'
import type { FeedLease } from './feed-lease.ts'
import type { SseResponse } from './sse-response.ts'
import { sampleLatency } from './stream-metrics.ts'

const KEEP_ALIVE_MS = 15_000

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
  private reader: FeedReader | null = null
  private feed: Feed | null = null
  private ended: StreamEnd | null = null
  private positionAsked = 0
  private readonly keepAlive: NodeJS.Timeout

  constructor(
    readonly ref: SessionRef,
    readonly selection: Selection,
    private readonly response: SseResponse,
    private readonly lease: FeedLease,
    private readonly onEnd: (end: StreamEnd, error?: unknown) => void,
    /** For people: why nothing may be coming. */
    remark: () => string = () => '',
  ) {
    this.keepAlive = setInterval(() => response.comment(remark()), KEEP_ALIVE_MS)
    response.onDrain(() => this.reader?.resume())
    response.onClose(() => this.close('left'))
  }

  /** Whether a run is going on, as far as this stream has seen, or anything has come since the last time it was asked. */
  wasActive(): boolean {
    const moved = this.position !== this.positionAsked
    this.positionAsked = this.position
    return moved || this.selection.run?.endedSeq === null
  }

  get keyHash(): string {
    return this.response.keyHash
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
    )
    this.reader.resume()
  }

  /** A frame that is not an event. */
  write(frame: Uint8Array): void {
    this.response.write(frame)
  }

  finish(): void {
    if (this.close('finished')) this.response.end()
  }

  sendAway(): void {
    if (this.close('drained')) this.response.sendAway()
  }

  /** The client is told when it comes back. */
  refuse(): void {
    if (this.close('refused')) this.response.abort()
  }

  fail(error: unknown): void {
    if (this.close('failed', error)) this.response.abort()
  }

  private deliver(event: StoredEvent): boolean {
    const place = this.selection.take(event)
    if (place === 'skip') return true
    const hasRoom = this.response.write(frameOf(event, this.ref.session))
    this.position = event.seq
    if (event.seq === this.feed?.tail) sampleLatency(event)
    if (place === 'last') this.finish()
    return hasRoom
  }

  private close(end: StreamEnd, error?: unknown): boolean {
    if (this.over) return false
    this.ended = end
    clearInterval(this.keepAlive)
    this.reader?.close()
    this.lease.release()
    this.onEnd(end, error)
    return true
  }
}
