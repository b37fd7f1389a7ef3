import type { ClientEvent } from '../client-event.ts'
import { type Position, positionOf } from '../cursor.ts'
import { ChainBroken } from '../errors.ts'

/**
 * Each event names the one before it, so a client sees for itself that nothing is missing and nothing comes twice,
 * whoever it is connected to and however often it was cut.
 */
export class Chain {
  /** `last`: the last event received. `undefined`: the first one to come may stand anywhere. */
  constructor(
    private last: Position | undefined,
    /** For a run's stream: a cursor from before the run is moved to its first event. */
    private readonly run?: string,
  ) {}

  /** Takes the next event. */
  follow(event: ClientEvent): void {
    const position = positionOf(event.cursor)
    const { last } = this
    if (last !== undefined && !this.isWindowStart(event)) {
      const isNext = event.prev === last.seq && event.seq > last.seq
      if (!isNext || (position?.epoch ?? 0) < last.epoch) throw new ChainBroken(last.seq, event.prev, event.seq)
    }
    this.last = { epoch: position?.epoch ?? 0, seq: event.seq }
  }

  startAgainAt(position: Position | undefined): void {
    this.last = position
  }

  private isWindowStart(event: ClientEvent): boolean {
    if (this.run === undefined || event.run !== this.run || event.prev <= (this.last?.seq ?? 0)) return false
    return event.type === 'run.started' || event.type === 'run.queued'
  }
}
