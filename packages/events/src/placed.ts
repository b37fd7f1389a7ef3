import type { SpoolEvent } from './vocabulary/event.ts'

/** An event and the position at which it lies. */
export interface Placed<Event extends SpoolEvent = SpoolEvent> {
  readonly seq: number
  readonly event: Event
}
