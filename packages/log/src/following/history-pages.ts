import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { Turnstile } from './turnstile.ts'

const PAGE_EVENTS = 512
const PAGE_BYTES = 512 * 1024
const KEPT_MS = 2000
/** A server gives up a connection that more than 64 MB wait for: so many reads, and as many ahead, are far from it. */
const READS_AT_ONCE = 8

const turnstiles = new WeakMap<Log, Turnstile>()

export interface HistoryPage {
  readonly events: readonly StoredEvent[]
  /** The end of the chain that was read up to, where the page did not stop before it. */
  readonly readTo: number | null
}

/** A read of the log that has stopped at the end of a page. */
interface Reading {
  readonly events: AsyncGenerator<StoredEvent, void, undefined>
  readonly until: number
}

/**
 * A session's history, piece by piece as its readers ask for it. Thousands may come at once, after a cut or because
 * somebody shared a link: each piece is then read, and later framed, once for all of them; and however many sessions
 * are asked for, only a few pieces are on their way at a time. Whoever comes for the next piece soon goes on with the
 * same read, which has that piece under way already.
 */
export class HistoryPages {
  /** By the position that they come after. What is stored never changes, so a page is right for as long as it is kept. */
  private readonly pages = new Map<number, Promise<HistoryPage>>()
  /** By the position that they have come to. */
  private readonly readings = new Map<number, Reading>()
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
    const reading = this.goOn(position) ?? { until, events: this.log.read(this.ref, position, until, this.signal) }
    for (;;) {
      const { done, value: event } = await reading.events.next()
      if (done === true) return { events, readTo: reading.until }
      events.push(event)
      bytes += event.body.length
      if (events.length >= PAGE_EVENTS || bytes >= PAGE_BYTES) {
        this.keep(event.seq, reading)
        return { events, readTo: null }
      }
    }
  }

  private goOn(position: number): Reading | undefined {
    const reading = this.readings.get(position)
    this.readings.delete(position)
    return reading
  }

  /** For a while: what it has read ahead lies in memory, and on old servers it holds a consumer. */
  private keep(position: number, reading: Reading): void {
    void this.readings.get(position)?.events.return()
    this.readings.set(position, reading)
    setTimeout(() => {
      if (this.readings.get(position) !== reading) return
      this.readings.delete(position)
      void reading.events.return()
    }, KEPT_MS).unref()
  }
}
