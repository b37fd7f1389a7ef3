import type { RunState } from '@spool/events'
import type { StoredEvent } from '../stored-event.ts'
import { RunTracker } from './run-tracker.ts'

/** Which events of a session a stream carries. */
export interface Selection {
  /** `last`: to be sent, and after it the stream ends. */
  take(event: StoredEvent): 'skip' | 'send' | 'last'
  /** The run that is going on, as far as the stream has seen. */
  readonly run: RunState | undefined
}

/** Every event of the session, to the one that says that it was erased. */
export class WholeSession implements Selection {
  private readonly runs = new RunTracker()

  take(event: StoredEvent): 'send' | 'last' {
    this.runs.fold(event)
    return event.type === 'session.erased' ? 'last' : 'send'
  }

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

/** The window of a run that is over. */
export class ClosedWindow implements Selection {
  readonly run = undefined

  constructor(
    private readonly first: number,
    private readonly last: number,
  ) {}

  take(event: StoredEvent): 'skip' | 'send' | 'last' {
    if (event.seq < this.first) return 'skip'
    return event.seq < this.last ? 'send' : 'last'
  }
}
