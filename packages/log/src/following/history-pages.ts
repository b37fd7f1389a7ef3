import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { Turnstile } from './turnstile.ts'

const PAGE_EVENTS = 512
const PAGE_BYTES = 512 * 1024
const KEPT_MS = 2000
/** A server gives up a connection that more than 64 MB wait for: so many reads of 2 MB at once are far from it. */
const READS_AT_ONCE = 8

const turnstiles = new WeakMap<Log, Turnstile>()

export interface HistoryPage {
  readonly events: readonly StoredEvent[]
  /** The end of the chain that was read up to, where the page did not stop before it. */
  readonly readTo: number | null
}

/**
 * A session's history, piece by piece as its readers ask for it. Thousands may come at once, after a cut or because
 * somebody shared a link: each piece is then read, and later framed, once for all of them; and however many sessions
 * are asked for, only a few pieces are on their way at a time.
 */
export class HistoryPages {
  /** By the position that they come after. What is stored never changes, so a page is right for as long as it is kept. */
  private readonly pages = new Map<number, Promise<HistoryPage>>()
  private readonly turnstile: Turnstile

  constructor(
    private readonly log: Log,
    private readonly ref: SessionRef,
    private readonly signal: AbortSignal,
  ) {
    this.turnstile = turnstiles.get(log) ?? new Turnstile(READS_AT_ONCE)
    turnstiles.set(log, this.turnstile)
  }

  after(position: number, until: number): Promise<HistoryPage> {
    const known = this.pages.get(position)
    if (known !== undefined) return known
    const page = this.turnstile.pass(() => this.read(position, until))
    this.pages.set(position, page)
    page.then(
      () => setTimeout(() => this.pages.delete(position), KEPT_MS).unref(),
      () => this.pages.delete(position),
    )
    return page
  }

  private async read(position: number, until: number): Promise<HistoryPage> {
    const events: StoredEvent[] = []
    let bytes = 0
    for await (const event of this.log.read(this.ref, position, until, this.signal)) {
      events.push(event)
      bytes += event.body.length
      if (events.length >= PAGE_EVENTS || bytes >= PAGE_BYTES) return { events, readTo: null }
    }
    return { events, readTo: until }
  }
}
