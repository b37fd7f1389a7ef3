import {
  type MessageState,
  type SessionState,
  type SpoolEvent,
  allows,
  encodeEvent,
  fold,
  isOpenMessage,
  messageOf,
  newId,
  runOf,
} from '@spool/events'
import { type Log, type SessionRef, ChainWriter, NoticeListener, currentTrace, foldStored } from '@spool/log'
import { ackDuration, fenced, isSampled } from '../measuring/metrics.ts'
import { Stopped } from './stopped.ts'

/** What the log says of the one who writes a message. */
export type Standing =
  | 'mine'
  /** The run is to be cancelled: the message may be closed, nothing else. */
  | 'cancelled'
  /** A newer attempt has begun, the message is closed, or the run is over: nothing more may be written. */
  | 'lost'

/** What a message is written with. */
export type Pen = Pick<MessageWriter, 'ref' | 'standing' | 'state' | 'message' | 'signal' | 'canReachLog' | 'append'>

/** A provider that says nothing gives no occasion to hear of others: then the log is looked at this often. */
const LOOK_MS = 2000

/**
 * Appends what the attempts at a message produce. When others have appended in between it looks at what they said:
 * either the message is still its own and it goes on behind them, or it stops. Only the log decides: a notice says
 * where to look, but whoever gave it may have died before the append.
 */
export class MessageWriter {
  standing: Standing = 'mine'
  private readonly chain: ChainWriter
  private readonly notices: NoticeListener
  /** Aborted as soon as the provider's answer is of no more use. */
  private readonly stopped = new AbortController()
  private readonly looking: NodeJS.Timeout
  /** The newest attempt this writer knows of: its own, once it has begun. */
  private attempt: number
  private appending = false
  private seqAtLastLook: number

  constructor(
    private readonly log: Log,
    readonly ref: SessionRef,
    private current: SessionState,
    private readonly id: string,
  ) {
    this.attempt = this.message.attempt
    this.seqAtLastLook = current.seq
    this.chain = new ChainWriter(log, ref, current.seq)
    this.notices = new NoticeListener(log, ref, () => void this.lookWhenAppended())
    this.looking = setInterval(() => void this.lookIfQuiet(), LOOK_MS)
    this.judge()
  }

  get state(): SessionState {
    return this.current
  }

  get message(): MessageState {
    return messageOf(this.current, this.id)!
  }

  get signal(): AbortSignal {
    return this.stopped.signal
  }

  /** Whether appends are still possible: a connection that is only down comes back. */
  get canReachLog(): boolean {
    return !this.log.bus.nc.isClosed()
  }

  /** `false`: not stored, and never will be. Why is in `standing`, or the message has moved on. */
  async append(event: SpoolEvent): Promise<boolean> {
    const body = encodeEvent(event)
    const trace = event.type.startsWith('generation.') ? currentTrace() : undefined
    this.appending = true
    try {
      while (this.mayAppend(event)) {
        const held = this.notices.holdBack()
        if (held !== undefined) {
          await held
          continue
        }
        const sentMs = isSampled() ? performance.now() : null
        const appended = await this.chain.append({ id: newId(), type: event.type, body, trace })
        if (sentMs !== null) ackDuration.record((performance.now() - sentMs) / 1000)
        if (appended.outcome === 'stored') {
          this.current = fold(this.current, { seq: appended.seq, event })
          if (event.type === 'generation.started') this.attempt = event.attempt
          return true
        }
        fenced.add(1)
        for (const other of appended.others) this.current = foldStored(this.current, other)
        this.judge()
        // A second beginning, or a regular end after a cancel: what was right to say is so no longer.
        if (allows(this.current, event) !== null) return false
      }
      return false
    } finally {
      this.appending = false
    }
  }

  close(): void {
    clearInterval(this.looking)
    this.notices.close()
  }

  private mayAppend(event: SpoolEvent): boolean {
    if (this.standing === 'mine') return true
    return this.standing === 'cancelled' && event.type === 'message.completed' && event.status === 'partial'
  }

  private async lookWhenAppended(): Promise<void> {
    // Until the one who gave notice says that it is through, or is overdue.
    await this.notices.holdBack()
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
    const message = messageOf(this.current, this.id)
    const run = runOf(this.current, message?.run)
    const isMine = message !== undefined && isOpenMessage(message) && message.attempt === this.attempt
    if (!isMine || run === undefined || run.endedSeq !== null) this.standing = 'lost'
    else if (run.cancelRequested !== null) this.standing = 'cancelled'
    if (this.standing !== 'mine') this.stopped.abort(new Stopped(this.standing))
  }
}
