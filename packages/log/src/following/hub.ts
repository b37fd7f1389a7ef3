import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { Feed } from './feed.ts'

const LINGER_MS = 5000

interface Shared {
  feed: Feed
  opened: Promise<void>
  holders: number
  linger: NodeJS.Timeout | undefined
}

/** The feeds of a process, one per followed session. A feed lingers a while after its last reader, for reconnects. */
export class Hub {
  private readonly feeds = new Map<string, Shared>()

  constructor(private readonly log: Log) {}

  get size(): number {
    return this.feeds.size
  }

  /** Every `acquire` needs its `release`. */
  async acquire(ref: SessionRef): Promise<Feed> {
    const key = this.log.subjects.log(ref)
    let shared = this.feeds.get(key)
    const isShared = shared !== undefined
    if (shared === undefined || shared.feed.broken) {
      const feed = new Feed(this.log, ref)
      shared = { feed, opened: feed.open(), holders: 0, linger: undefined }
      this.feeds.set(key, shared)
    }
    shared.holders++
    clearTimeout(shared.linger)
    try {
      await shared.opened
      // Its session may have begun since, and that live message have been lost: nobody is to hear that there is none.
      if (isShared && shared.feed.tail === 0) await shared.feed.verify()
      return shared.feed
    } catch (error) {
      if (this.feeds.get(key) === shared) this.feeds.delete(key)
      shared.feed.close()
      throw error
    }
  }

  release(feed: Feed): void {
    const key = this.log.subjects.log(feed.ref)
    const shared = this.feeds.get(key)
    // One that broke and was replaced: its readers have all been told.
    if (shared?.feed !== feed) return feed.close()
    shared.holders--
    if (shared.holders > 0) return
    shared.linger = setTimeout(() => {
      if (this.feeds.get(key) === shared) this.feeds.delete(key)
      feed.close()
    }, LINGER_MS)
    shared.linger.unref()
  }

  /** For every feed that somebody watches: has it missed anything? */
  async verify(of: (feed: Feed) => boolean = () => true): Promise<void> {
    for (const { feed } of this.feeds.values()) if (feed.watched && of(feed)) await feed.verify()
  }

  close(): void {
    for (const { feed, linger } of this.feeds.values()) {
      clearTimeout(linger)
      feed.close()
    }
    this.feeds.clear()
  }
}
