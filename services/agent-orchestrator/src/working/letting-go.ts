import { ToolStopped } from './tool-stopped.ts'

/**
 * How a process that is told to end lets go of the calls it has: those that may run twice at once, for another to begin
 * anew; the others have the time to come to their end.
 */
export class LettingGo {
  private readonly begun = new AbortController()
  private readonly over = new AbortController()

  get signals(): { stopping: AbortSignal; drained: AbortSignal } {
    return { stopping: this.begun.signal, drained: this.over.signal }
  }

  /** Resolves when the calls are through, or let go of. */
  async during(drainMs: number, untilThrough: () => Promise<unknown>): Promise<void> {
    this.begun.abort(new ToolStopped('handed-over'))
    const late = setTimeout(() => this.over.abort(new ToolStopped('handed-over')), drainMs)
    try {
      await untilThrough()
    } finally {
      clearTimeout(late)
    }
  }
}
