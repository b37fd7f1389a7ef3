import { CursorLost, isFinal } from '../errors.ts'
import type { StoredEvent } from '../stored-event.ts'
import { retryDelay } from '../waiting.ts'
import type { Feed } from './feed.ts'
import { Turns } from './turns.ts'

/** A reader that stands still for longer keeps nothing but its position, and asks for the page again. */
const PAGE_HELD_MS = 2000
/** Of history are handed on in one turn of the event loop, however many have waited for them. */
const pages = new Turns(8)

/** Takes one event. `false`: taken, but no more until `resume()` is called. */
export type Deliver = (event: StoredEvent) => boolean

/** Told when nothing more is delivered in this turn: what was taken may be passed on in one piece. `false` as above. */
export type Settle = () => boolean

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
    private readonly settle: Settle = () => true,
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
    if (this.state === 'parked') this.start()
  }

  close(): void {
    this.state = 'closed'
    this.room?.resolve()
    this.feed.remove(this)
  }

  /** Called by the feed when its tail has moved. Whoever cannot take what comes fails alone: others are told after it. */
  onMoved(): void {
    try {
      this.move()
    } catch (error) {
      this.fail(error)
    }
  }

  /** Called by the feed when there is no way on from here. */
  fail(error: unknown): void {
    if (!this.isOpen()) return
    this.close()
    this.onError(error)
  }

  private move(): void {
    if (this.state !== 'live') return
    const hasRoom = this.takeFromRing()
    if (!this.isOpen()) return
    if (!hasRoom) this.state = 'parked'
    // More has come than the ring holds, before it was this reader's turn.
    else if (this.at !== this.feed.tail) this.start()
  }

  private start(): void {
    this.state = 'catching-up'
    this.catchUp().catch((error: unknown) => this.fail(error))
  }

  private async catchUp(): Promise<void> {
    for (let attempt = 0; this.state === 'catching-up';) {
      this.feed.assertUsable()
      if (!this.takeFromRing()) {
        if (this.isOpen()) this.state = 'parked'
        return
      }
      const { tail } = this.feed
      if (this.at === tail) {
        this.state = 'live'
        return
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
    await pages.next()
    for (let index = 0; index < events.length; index++) {
      if (!this.isOpen()) return
      let hasRoom = this.take(events[index]!)
      const ringGoesOn = this.feed.ring.after(this.at) !== undefined
      const isLast = ringGoesOn || index + 1 === events.length || !this.isOpen()
      if (isLast || !hasRoom) hasRoom = this.settle() && hasRoom
      if (!hasRoom && this.isOpen()) {
        const letGo = setTimeout(() => {
          events = []
          readTo = null
        }, PAGE_HELD_MS)
        await (this.room ??= Promise.withResolvers<void>()).promise
        clearTimeout(letGo)
      }
      if (ringGoesOn) return
    }
    if (readTo !== null && this.at < readTo) this.feed.endsAt(this.at, readTo)
  }

  /** All that the ring has for it, as far as there is room. */
  private takeFromRing(): boolean {
    const { ring } = this.feed
    let next = ring.after(this.at)
    if (next === undefined) return true
    let hasRoom = true
    for (; next !== undefined && hasRoom && this.isOpen(); next = ring.after(this.at)) hasRoom = this.take(next)
    return this.settle() && hasRoom && this.isOpen()
  }

  private take(event: StoredEvent): boolean {
    this.at = event.seq
    return this.deliver(event)
  }

  private isOpen(): boolean {
    return this.state !== 'closed'
  }
}
