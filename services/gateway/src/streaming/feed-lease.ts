import type { Feed, Hub, SessionRef } from '@spool/log'
import { storeUnavailable } from '../problems/known-problems.ts'
import { inTime } from '../serving/in-time.ts'

const OPEN_TIMEOUT_MS = 5000

/** The use of a session's feed from now on. Listening begins at once, before anything else is sent to the bus. */
export class FeedLease {
  /** With the last position at the time when the feed was there. */
  private readonly opening: Promise<{ feed: Feed; tail: number }>
  private released = false

  constructor(
    private readonly hub: Hub,
    ref: SessionRef,
  ) {
    this.opening = hub.acquire(ref).then((feed) => ({ feed, tail: feed.tail }))
    // Whoever needs the feed asks for it; whoever does not shall not be brought down by it.
    this.opening.catch(() => undefined)
  }

  /** However long it takes: while nobody can say where a session ends, its followers wait. */
  get opened(): Promise<{ feed: Feed; tail: number }> {
    return this.opening
  }

  openedInTime(): Promise<{ feed: Feed; tail: number }> {
    return inTime(OPEN_TIMEOUT_MS, storeUnavailable, () => this.opening)
  }

  release(): void {
    if (this.released) return
    this.released = true
    this.opening.then(
      ({ feed }) => this.hub.release(feed),
      () => undefined,
    )
  }
}
