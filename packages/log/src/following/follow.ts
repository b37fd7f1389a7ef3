import type { Cursor, Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { Feed } from './feed.ts'
import { FeedReader } from './feed-reader.ts'

/**
 * The session's events after a cursor, history first, then live, one unbroken chain until the caller stops.
 * Throws `CursorLost` for a cursor that cannot be continued.
 */
export async function* follow(
  log: Log,
  ref: SessionRef,
  after: Cursor,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const feed = new Feed(log, ref)
  const events = new Handover<StoredEvent>()
  const stop = () => events.end()
  signal?.addEventListener('abort', stop)
  try {
    await feed.open(signal)
    await log.check(ref, after, signal)
    const reader = new FeedReader(
      feed,
      after.seq,
      (event) => events.put(event),
      (error) => events.fail(error),
    )
    events.onTaken = () => reader.resume()
    reader.resume()
    yield* events.taken()
    reader.close()
  } catch (error) {
    if (!signal?.aborted) throw error
  } finally {
    signal?.removeEventListener('abort', stop)
    feed.close()
  }
}

/** Hands items from a callback to an async loop, holding a few of them. */
class Handover<T> {
  onTaken: () => void = () => undefined
  private items: T[] = []
  private ended: { error?: unknown } | null = null
  private wake: PromiseWithResolvers<void> | null = null

  put(item: T): boolean {
    this.items.push(item)
    this.wake?.resolve()
    return this.items.length < 64
  }

  end(): void {
    this.ended ??= {}
    this.wake?.resolve()
  }

  fail(error: unknown): void {
    this.ended ??= { error }
    this.wake?.resolve()
  }

  async *taken(): AsyncGenerator<T, void, undefined> {
    for (;;) {
      const items = this.items
      this.items = []
      if (items.length > 0) {
        yield* items
        this.onTaken()
      } else if (this.ended !== null) {
        if ('error' in this.ended) throw this.ended.error
        return
      } else {
        this.wake = Promise.withResolvers<void>()
        await this.wake.promise
        this.wake = null
      }
    }
  }
}
