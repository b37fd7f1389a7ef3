import { CursorLost, isFinal } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import type { Feed } from './feed.ts'

/** A reader that stands still for longer keeps nothing but its position, and asks for the page again. */
const PAGE_HELD_MS = 2000

/** Takes one event. `false`: taken, but no more until `resume()` is called. */
export type Deliver = (event: StoredEvent) => boolean

/**
 * One follower of a feed: a position, not a queue. Whatever it has not taken stays in the ring or in the log,
 * so a reader that stands still costs the same as one that runs.
 */
export class FeedReader {
  private state: 'live' | 'catching-up' | 'parked' | 'closed' = 'parked'
  private room: PromiseWithResolvers<void> | null = null

  constructor(
    private readonly feed: Feed,
    /** The last event that was handed on. */
    private at: number,
    private readonly deliver: Deliver,
    private readonly onError: (error: unknown) => void,
  ) {
    feed.add(this)
  }

  get position(): number {
    return this.at
  }

  /** Starts, or goes on after `deliver` said that there is no room. */
  resume(): void {
    this.room?.resolve()
    this.room = null
    if (this.state !== 'parked') return
    this.state = 'catching-up'
    this.catchUp().catch((error: unknown) => this.fail(error))
  }

  close(): void {
    this.state = 'closed'
    this.room?.resolve()
    this.feed.remove(this)
  }

  /** Called by the feed, in the same turn in which the event arrived. */
  onEvent(event: StoredEvent): void {
    if (this.state !== 'live') return
    if (!this.take(event) && this.isOpen()) this.state = 'parked'
  }

  /** Called by the feed when there is no way on from here. */
  fail(error: unknown): void {
    if (!this.isOpen()) return
    this.close()
    this.onError(error)
  }

  private async catchUp(): Promise<void> {
    for (let attempt = 0; this.state === 'catching-up';) {
      this.feed.assertUsable()
      const { tail, ring } = this.feed
      if (this.at === tail) {
        this.state = 'live'
        return
      }
      const next = ring.after(this.at)
      if (next !== undefined) {
        if (!this.take(next) && this.isOpen()) this.state = 'parked'
        continue
      }
      try {
        // Others may have shown the client more than has arrived here by now.
        if (this.at > tail) await this.reachFeed()
        else await this.readLog(tail)
        attempt = 0
      } catch (error) {
        if (this.feed.signal.aborted) return
        if (isFinal(error) || this.feed.log.bus.nc.isClosed()) throw error
        await retryDelay(attempt++)
      }
    }
  }

  private async reachFeed(): Promise<void> {
    await this.feed.reach(this.at)
    if (this.isOpen() && this.feed.tail < this.at)
      throw new CursorLost(`${this.feed.log.epochOf(this.feed.ref)}-${this.at}`, 'the session has no such event')
  }

  private async readLog(until: number): Promise<void> {
    let { events, readTo } = await this.feed.history.after(this.at, until)
    for (let index = 0; index < events.length; index++) {
      if (!this.isOpen()) return
      if (!this.take(events[index]!) && this.isOpen()) {
        const letGo = setTimeout(() => {
          events = []
          readTo = null
        }, PAGE_HELD_MS)
        await (this.room ??= Promise.withResolvers<void>()).promise
        clearTimeout(letGo)
      }
      if (this.feed.ring.after(this.at) !== undefined) return
    }
    if (readTo !== null && this.at < readTo) this.feed.endsAt(this.at, readTo)
  }

  private take(event: StoredEvent): boolean {
    this.at = event.seq
    return this.deliver(event)
  }

  private isOpen(): boolean {
    return this.state !== 'closed'
  }
}
