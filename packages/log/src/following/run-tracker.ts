import { type RunState, type SessionState, emptySession, runOf } from '@spool/events'
import { foldStored } from '../loading/session-loader.ts'
import type { StoredEvent } from '../stored-event.ts'

/**
 * Follows runs only, by the one fold that everybody uses. Deltas, nearly all there is, are not even parsed: they say
 * nothing about where a run begins and ends.
 */
export class RunTracker {
  private state: SessionState

  constructor(
    /** Only this one; without it, all. */
    private readonly only?: string,
    known?: RunState,
  ) {
    this.state = known === undefined ? emptySession() : { ...emptySession(), runs: [known] }
  }

  fold(event: StoredEvent): void {
    if (!event.type.startsWith('run.') && !event.type.startsWith('memory.')) return
    if (this.only !== undefined && event.event()?.run !== this.only) return
    this.state = foldStored(this.state, event)
    if (this.only === undefined) this.forgetFinished()
  }

  of(id: string): RunState | undefined {
    return runOf(this.state, id)
  }

  get active(): RunState | undefined {
    return runOf(this.state, this.state.activeRun)
  }

  /** A stream may last for weeks. */
  private forgetFinished(): void {
    const { runs } = this.state
    if (runs.length > 8) this.state = { ...this.state, runs: runs.filter((run) => run.lastSeq === null) }
  }
}
