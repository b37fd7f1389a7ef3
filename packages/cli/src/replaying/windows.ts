import { ClosedWindow, RunTracker, RunWindow, type Selection } from '@spool/log'
import type { Recording } from './recording.ts'

/** A run's window on the session. */
export interface Window {
  /** Who follows all of it begins after this position. */
  readonly before: number
  /** Of its last event; `null`: it was still open where the recording ends. */
  readonly last: number | null
  select(): Selection
}

/** Finds the windows of runs in a recording. */
export class Windows {
  private readonly found = new Map<string, Window | null>()
  private all: readonly string[] | undefined

  constructor(
    private readonly recording: Recording,
    private readonly until: number,
  ) {}

  /** `null`: there is no such run in it. */
  async of(run: string, signal: AbortSignal): Promise<Window | null> {
    const known = this.found.get(run)
    if (known !== undefined) return known
    const window = await this.find(run, signal)
    this.found.set(run, window)
    return window
  }

  /** All of them, in their order. */
  async runs(signal: AbortSignal): Promise<readonly string[]> {
    if (this.all === undefined) {
      const runs = new Set<string>()
      for await (const event of this.recording.read(0, this.until, signal)) {
        const run = event.type === 'run.started' ? event.event()?.run : undefined
        if (run !== undefined) runs.add(run)
      }
      this.all = [...runs]
    }
    return this.all
  }

  private async find(id: string, signal: AbortSignal): Promise<Window | null> {
    const tracker = new RunTracker(id)
    let before: number | null = null
    for await (const event of this.recording.read(0, this.until, signal)) {
      tracker.fold(event)
      const run = tracker.of(id)
      if (run === undefined) continue
      before ??= event.prev
      const { lastSeq } = run
      if (lastSeq !== null) return { before, last: lastSeq, select: () => new ClosedWindow(run.firstSeq, lastSeq) }
    }
    const run = tracker.of(id)
    return before === null ? null : { before, last: null, select: () => new RunWindow(id, run) }
  }
}
