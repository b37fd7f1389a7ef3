import type { StoredEvent } from '../stored-event.ts'
import type { Feed } from './feed.ts'

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
    this.catchUp().catch((error: unknown) => {
      if (this.state !== 'closed') this.onError(error)
    })
  }

  close(): void {
    this.state = 'closed'
    this.room?.resolve()
    this.feed.remove(this)
  }

  /** Called by the feed, in the same turn in which the event arrived. */
  onEvent(event: StoredEvent): void {
    if (this.state !== 'live') return
    this.at = event.seq
    if (!this.deliver(event) && this.isOpen()) this.state = 'parked'
  }

  private async catchUp(): Promise<void> {
    while (this.state === 'catching-up') {
      if (this.at === this.feed.tail) {
        this.state = 'live'
        return
      }
      const next = this.feed.ring.after(this.at)
      if (next === undefined) await this.readLog(this.feed.tail)
      else if (!this.take(next) && this.isOpen()) {
        this.state = 'parked'
        return
      }
    }
  }

  private async readLog(until: number): Promise<void> {
    for await (const event of this.feed.log.read(this.feed.ref, this.at, until, this.feed.signal)) {
      if (!this.isOpen()) return
      const hasRoom = this.take(event)
      // While it waits here the pages of the log wait too.
      if (!hasRoom && this.isOpen()) await (this.room ??= Promise.withResolvers<void>()).promise
      if (this.feed.ring.after(this.at) !== undefined) return
    }
  }

  private take(event: StoredEvent): boolean {
    this.at = event.seq
    return this.deliver(event)
  }

  private isOpen(): boolean {
    return this.state !== 'closed'
  }
}
