import {
  type MessageState,
  type RunState,
  type SessionState,
  type SpoolEvent,
  isOpenMessage,
  isTurn,
  messageOf,
  runOf,
} from '@spool/events'
import { type Appended, AppendPace, type Log, type SessionRef, type Standing, StreamWriter } from '@spool/log'
import { ackDuration, fenced, isSampled } from '../measuring/metrics.ts'
import { Stopped } from './stopped.ts'

/** What a message is written with. */
export type Pen = Pick<MessageWriter, 'ref' | 'standing' | 'state' | 'message' | 'signal' | 'canReachLog' | 'append'>

/** All answers of this process have one pace. */
const pace = new AppendPace()

/** How long an answer rests whose last event took so long. */
export const restAfter = (tookMs: number): number => pace.restAfter(tookMs)

/** Appends what the attempts at a message produce, for as long as the log says that the message is this writer's. */
export class MessageWriter {
  private readonly stream: StreamWriter
  /** The newest attempt this writer knows of: its own, once it has begun. */
  private attempt: number

  constructor(
    log: Log,
    ref: SessionRef,
    state: SessionState,
    private readonly id: string,
  ) {
    const message = messageOf(state, id)!
    this.attempt = message.attempt
    this.stream = new StreamWriter(log, ref, state, {
      isBeside: !isTurn(message),
      judge: (current) => this.judge(current),
      closes: (event) => event.type === 'message.completed' && event.status === 'partial',
      isTraced: (event) => event.type.startsWith('generation.'),
      stopReason: (standing) => new Stopped(standing),
      onStored: (event) => {
        if (event.type === 'generation.started') this.attempt = event.attempt
      },
      measured,
    })
  }

  get ref(): SessionRef {
    return this.stream.ref
  }

  get standing(): Standing {
    return this.stream.standing
  }

  get state(): SessionState {
    return this.stream.state
  }

  get message(): MessageState {
    return messageOf(this.stream.state, this.id)!
  }

  get signal(): AbortSignal {
    return this.stream.signal
  }

  get canReachLog(): boolean {
    return this.stream.canReachLog
  }

  /** `false`: not stored, and never will be. Why is in `standing`, or the message has moved on. */
  append(event: SpoolEvent): Promise<boolean> {
    return this.stream.append(event)
  }

  close(): void {
    this.stream.close()
  }

  private judge(state: SessionState): Standing {
    const message = messageOf(state, this.id)
    const run = runOf(state, message?.run)
    const isMine = message !== undefined && isOpenMessage(message) && message.attempt === this.attempt
    if (!isMine || run === undefined) return 'lost'
    // What is no turn runs beside the runs: it does not matter to it that its run ends, or how.
    if (!isTurn(message)) return isOfUse(message, run) ? 'mine' : 'cancelled'
    if (run.endedSeq !== null) return 'lost'
    return run.cancelRequested === null ? 'mine' : 'cancelled'
  }
}

/** Once the memory of a run is settled, nobody takes up any more what a model says to it. */
function isOfUse({ purpose }: MessageState, { memoryState }: RunState): boolean {
  return purpose !== 'memory' || memoryState.status === 'pending'
}

async function measured(append: () => Promise<Appended>): Promise<Appended> {
  const sentMs = performance.now()
  const appended = await append()
  const tookMs = performance.now() - sentMs
  pace.took(tookMs)
  if (isSampled()) ackDuration.record(tookMs / 1000)
  if (appended.outcome === 'overtaken') fenced.add(1)
  return appended
}
