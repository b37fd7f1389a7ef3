import type { ClientEvent } from '../client-event.ts'

const ENDS: ReadonlySet<string> = new Set(['run.completed', 'run.cancelled', 'run.failed'])
const SETTLES: ReadonlySet<string> = new Set(['memory.updated', 'memory.failed'])

/**
 * Recognises the last event of a run, where this client has seen its first: with memory on, the end is not the last.
 * A client that joined later finds out by asking again (204).
 */
export class RunEnd {
  private memory: boolean | undefined = undefined
  private ended = false
  private settled = false

  constructor(private readonly run: string) {}

  /** The run is over, and what is still to come is what it will be remembered by. */
  get onlyMemoryFollows(): boolean {
    return this.ended && this.memory === true && !this.settled
  }

  isLast(event: ClientEvent): boolean {
    if (event.run !== this.run) return false
    if (event.type === 'run.started') this.memory = event['memory'] === 'on'
    // A run that ends before it has started has no memory.
    if (event.type === 'run.queued') this.memory = false
    if (ENDS.has(event.type)) this.ended = true
    if (!this.ended || this.memory === undefined) return false
    if (SETTLES.has(event.type)) this.settled = true
    return this.memory ? this.settled : true
  }
}
