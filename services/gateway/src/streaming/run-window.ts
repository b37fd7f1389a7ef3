import { type RunState, type SessionState, emptySession, runOf } from '@spool/events'
import { type StoredEvent, foldStored } from '@spool/log'

/** Which events of a session a stream carries. */
export interface Selection {
  /** `last`: to be sent, and after it the stream ends. */
  take(event: StoredEvent): 'skip' | 'send' | 'last'
  /** The run that the stream is about, as far as it is known. */
  readonly run: RunState | undefined
}

/** Every event of the session, to the one that says that it was erased. */
export class WholeSession implements Selection {
  private readonly runs = new RunTracker()

  take(event: StoredEvent): 'send' | 'last' {
    this.runs.fold(event)
    return event.type === 'session.erased' ? 'last' : 'send'
  }

  /** The active one. */
  get run(): RunState | undefined {
    return this.runs.active
  }
}

/** Everything from a run's first event to its last, also what is of no run or of another one. */
export class RunWindow implements Selection {
  private readonly runs: RunTracker

  constructor(
    private readonly id: string,
    /** The run as it stands at or after the place where the stream begins, where that is inside the window. */
    known?: RunState,
  ) {
    this.runs = new RunTracker(id, known)
  }

  take(event: StoredEvent): 'skip' | 'send' | 'last' {
    this.runs.fold(event)
    if (event.type === 'session.erased') return 'last'
    const { run } = this
    if (run === undefined || event.seq < run.firstSeq) return 'skip'
    return run.lastSeq === null || event.seq < run.lastSeq ? 'send' : 'last'
  }

  get run(): RunState | undefined {
    return this.runs.of(this.id)
  }
}

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
    // A stream may last for weeks: of the runs that are over only the last is kept.
    if (this.only === undefined && this.state.runs.length > 8) {
      this.state = { ...this.state, runs: this.state.runs.filter((run) => run.lastSeq === null) }
    }
  }

  of(id: string): RunState | undefined {
    return runOf(this.state, id)
  }

  get active(): RunState | undefined {
    return runOf(this.state, this.state.activeRun)
  }
}
