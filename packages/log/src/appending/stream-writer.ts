import { type SessionState, type SpoolEvent, allows, encodeEvent, fold, newId } from '@spool/events'
import { foldStored } from '../loading/session-loader.ts'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { currentTrace } from '../tracing/trace-parent.ts'
import { type Appended, ChainWriter } from './chain-writer.ts'
import { NoticeListener, announce, announceDone } from './notice.ts'

/** What the log says of one who streams into a session: a proxy its answer, a worker what its tool does. */
export type Standing =
  | 'mine'
  /** The run is to be cancelled: what was begun may be closed, nothing else. */
  | 'cancelled'
  /** A newer attempt has begun, what was begun is closed, or the run is over: nothing more may be written. */
  | 'lost'

export interface StreamWriterOptions {
  /** What a state says of this writer. */
  readonly judge: (state: SessionState) => Standing
  /** Whether the event may still be appended behind a cancel request. */
  readonly closes: (event: SpoolEvent) => boolean
  /** Whether the event carries the trace that it is a part of. */
  readonly isTraced: (event: SpoolEvent) => boolean
  /** With what the signal is aborted. */
  readonly stopReason: (standing: Exclude<Standing, 'mine'>) => Error
  /**
   * What it appends runs beside what others stream into the session. It holds back for nobody, and asks the others to
   * do so only where they were faster.
   */
  readonly isBeside?: boolean
  readonly onStored?: (event: SpoolEvent) => void
  /** Around each single append, to measure it. */
  readonly measured?: (append: () => Promise<Appended>) => Promise<Appended>
}

/** One that has nothing to append gives no occasion to hear of others: then the log is looked at this often. */
const LOOK_MS = 2000

/**
 * Appends what one worker has to say over a while. When others have appended in between it looks at what they said:
 * either the work is still its own and it goes on behind them, or it stops. Only the log decides: a notice says where
 * to look, but whoever gave it may have died before the append.
 */
export class StreamWriter {
  standing: Standing = 'mine'
  private readonly chain: ChainWriter
  private readonly notices: NoticeListener | null
  /** Aborted as soon as what the worker waits for is of no more use. */
  private readonly stopped = new AbortController()
  private readonly looking: NodeJS.Timeout
  private appending = false
  private seqAtLastLook: number

  constructor(
    private readonly log: Log,
    readonly ref: SessionRef,
    private current: SessionState,
    private readonly options: StreamWriterOptions,
  ) {
    this.seqAtLastLook = current.seq
    this.chain = new ChainWriter(log, ref, current.seq)
    this.notices = options.isBeside ? null : new NoticeListener(log, ref, () => void this.lookWhenAppended())
    this.looking = setInterval(() => void this.lookIfQuiet(), LOOK_MS)
    this.judge()
  }

  get state(): SessionState {
    return this.current
  }

  get signal(): AbortSignal {
    return this.stopped.signal
  }

  /** Whether appends are still possible: a connection that is only down comes back. */
  get canReachLog(): boolean {
    return !this.log.bus.nc.isClosed()
  }

  /**
   * One at a time. `false`: not stored, and never will be. Why is in `standing`, or it was right to say before others
   * had their say and is so no longer.
   */
  async append(event: SpoolEvent): Promise<boolean> {
    const body = encodeEvent(event)
    const { isBeside = false, isTraced, onStored, measured = (append) => append() } = this.options
    const trace = isTraced(event) ? currentTrace() : undefined
    let isAnnounced = false
    this.appending = true
    try {
      while (this.mayAppend(event)) {
        const held = this.notices?.holdBack()
        if (held !== undefined) {
          await held
          continue
        }
        const appended = await measured(() => this.chain.append({ id: newId(), type: event.type, body, trace }))
        if (appended.outcome === 'stored') {
          this.current = fold(this.current, { seq: appended.seq, event })
          onStored?.(event)
          return true
        }
        for (const other of appended.others) this.current = foldStored(this.current, other)
        this.judge()
        if (allows(this.current, event) !== null) return false
        if (isBeside) announce(this.log, this.ref, 'append')
        isAnnounced = isBeside
      }
      return false
    } finally {
      if (isAnnounced) announceDone(this.log, this.ref)
      this.appending = false
    }
  }

  close(): void {
    clearInterval(this.looking)
    this.notices?.close()
  }

  private mayAppend(event: SpoolEvent): boolean {
    return this.standing === 'mine' || (this.standing === 'cancelled' && this.options.closes(event))
  }

  private async lookWhenAppended(): Promise<void> {
    // Until the one who gave notice says that it is through, or is overdue.
    await this.notices?.holdBack()
    await this.look()
  }

  private async lookIfQuiet(): Promise<void> {
    const isQuiet = this.seqAtLastLook === this.current.seq
    this.seqAtLastLook = this.current.seq
    if (isQuiet) await this.look()
  }

  /** Finds out what others have appended. An append that is under way finds it out by itself. */
  private async look(): Promise<void> {
    if (this.appending || this.standing !== 'mine') return
    const { log, ref, signal } = this
    const { seq } = this.current
    let state = this.current
    try {
      const last = await log.lastPosition(ref, signal)
      if (last <= seq) return
      for await (const stored of log.read(ref, seq, last, signal)) state = foldStored(state, stored)
    } catch {
      // The bus is away, or the chain is not what it was: the next append deals with it.
      return
    }
    if (this.appending || this.current.seq !== seq) return
    this.current = state
    this.judge()
  }

  private judge(): void {
    this.standing = this.options.judge(this.current)
    if (this.standing !== 'mine') this.stopped.abort(this.options.stopReason(this.standing))
  }
}
