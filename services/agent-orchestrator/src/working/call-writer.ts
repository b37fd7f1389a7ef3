import {
  type CallState,
  type RunState,
  type SessionState,
  type SpoolEvent,
  allows,
  callOf,
  isOpenCall,
  runOf,
} from '@spool/events'
import { type Appended, type Log, type SessionRef, type Standing, StreamWriter } from '@spool/log'
import { fenced } from './metrics.ts'
import { ToolStopped } from './tool-stopped.ts'

const TRACED: ReadonlySet<string> = new Set(['tool.started', 'tool.completed', 'tool.failed'])

/** Appends what comes of a call, for as long as the log says that this attempt is the one that carries it out. */
export class CallWriter {
  private readonly stream: StreamWriter
  /** The newest attempt this writer knows of: its own, once it has begun. */
  private attempt: number
  private last: Promise<unknown> = Promise.resolve()

  constructor(
    log: Log,
    readonly ref: SessionRef,
    state: SessionState,
    private readonly id: string,
  ) {
    this.attempt = callOf(state, id)!.attempt
    this.stream = new StreamWriter(log, ref, state, {
      judge: (current) => this.judge(current),
      closes: ({ type }) => type === 'tool.completed' || type === 'tool.failed',
      isTraced: ({ type }) => TRACED.has(type),
      stopReason: (standing) => new ToolStopped(standing),
      onStored: (event) => {
        if (event.type === 'tool.started') this.attempt = event.attempt
      },
      measured,
    })
  }

  get standing(): Standing {
    return this.stream.standing
  }

  get state(): SessionState {
    return this.stream.state
  }

  get call(): CallState {
    return this.found!
  }

  /** Nothing where its session was erased meanwhile. */
  get found(): CallState | undefined {
    return callOf(this.state, this.id)
  }

  get run(): RunState {
    return runOf(this.state, this.call.run)!
  }

  /** Aborted with a `ToolStopped` as soon as what the tool does is of no more use. */
  get signal(): AbortSignal {
    return this.stream.signal
  }

  /** One after another, in the order in which they were asked for. `false`: not stored, and never will be. */
  append(event: SpoolEvent): Promise<boolean> {
    const appended = this.last.then(() => allows(this.state, event) === null && this.stream.append(event))
    this.last = appended.catch(() => undefined)
    return appended
  }

  close(): void {
    this.stream.close()
  }

  private judge(state: SessionState): Standing {
    const call = callOf(state, this.id)
    const run = runOf(state, call?.run)
    const isMine = call !== undefined && isOpenCall(call) && call.attempt === this.attempt
    if (!isMine || run === undefined || run.endedSeq !== null) return 'lost'
    return run.cancelRequested === null ? 'mine' : 'cancelled'
  }
}

async function measured(append: () => Promise<Appended>): Promise<Appended> {
  const appended = await append()
  if (appended.outcome === 'overtaken') fenced.add(1)
  return appended
}
