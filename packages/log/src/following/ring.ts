import type { StoredEvent } from '../stored-event.ts'

/** Of the newest events the frames are kept, too: many may be about to be told the same. */
const FRAMED_EVENTS = 8

/** The newest events of one session, an unbroken piece of its chain, bounded in number and bytes. */
export class Ring {
  private events: StoredEvent[] = []
  private start = 0
  private bytes = 0

  constructor(
    private readonly maxEvents: number,
    private readonly maxBytes: number,
  ) {}

  push(event: StoredEvent): void {
    this.events.push(event)
    // Whoever is that far behind may have them made again: two for each event kept cost the collector more than that.
    const passed = this.events.at(-1 - FRAMED_EVENTS)
    if (passed !== undefined) passed.frames = undefined
    this.bytes += event.body.length
    while (this.length > 1 && (this.length > this.maxEvents || this.bytes > this.maxBytes)) {
      this.bytes -= this.events[this.start]!.body.length
      this.start++
    }
    // Those dropped since the last time pay for moving the rest; and no more of them are kept alive than of the rest.
    if (this.start > this.length) {
      this.events = this.events.slice(this.start)
      this.start = 0
    }
  }

  /** The event that follows the position, or `undefined` where the ring does not reach back to it. */
  after(position: number): StoredEvent | undefined {
    const { events } = this
    let low = this.start
    let high = events.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const event = events[middle]!
      if (event.prev === position) return event
      if (event.prev < position) low = middle + 1
      else high = middle - 1
    }
    return undefined
  }

  has(position: number): boolean {
    return this.newest?.seq === position || this.after(position) !== undefined
  }

  private get newest(): StoredEvent | undefined {
    return this.events.at(-1)
  }

  private get length(): number {
    return this.events.length - this.start
  }
}
