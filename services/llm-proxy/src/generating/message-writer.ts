import {
  type MessageState,
  type SessionState,
  type SpoolEvent,
  encodeEvent,
  fold,
  isOpenMessage,
  messageOf,
  newId,
  runOf,
} from '@spool/events'
import { type Log, type SessionRef, ChainWriter, NoticeListener, currentTrace, foldStored } from '@spool/log'

/** What the log says of the one who writes a message. */
export type Standing =
  | 'mine'
  /** The run is to be cancelled: the message may be closed, nothing else. */
  | 'cancelled'
  /** A newer attempt has begun, the message is closed, or the run is over: nothing more may be written. */
  | 'lost'

/**
 * Appends what one attempt at a message produces. When others have appended in between it looks at what they said:
 * either the message is still its own and it goes on behind them, or it stops.
 */
export class MessageWriter {
  standing: Standing = 'mine'
  private readonly chain: ChainWriter
  private readonly notices: NoticeListener
  /** Aborted as soon as the provider's answer is of no more use. */
  private readonly stopped = new AbortController()

  constructor(
    log: Log,
    ref: SessionRef,
    private current: SessionState,
    private readonly id: string,
    /** The newest attempt this writer knows of: its own, once it has begun. */
    private attempt: number,
  ) {
    this.chain = new ChainWriter(log, ref, current.seq)
    this.notices = new NoticeListener(log, ref, (run) => {
      if (run === this.message.run) this.stopped.abort(new Stopped('cancelled'))
    })
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

  /** `false`: not stored, and why is in `standing`. */
  async append(event: SpoolEvent): Promise<boolean> {
    const body = encodeEvent(event)
    const trace = event.type.startsWith('generation.') ? currentTrace() : undefined
    for (;;) {
      if (this.standing === 'lost') return false
      if (this.standing === 'cancelled' && event.type !== 'message.completed') return false
      const held = this.notices.holdBack()
      if (held !== undefined) await held
      const appended = await this.chain.append({ id: newId(), type: event.type, body, trace })
      if (appended.outcome === 'stored') {
        this.current = fold(this.current, { seq: appended.seq, event })
        if (event.type === 'generation.started') this.attempt = event.attempt
        return true
      }
      for (const other of appended.others) this.current = foldStored(this.current, other)
      this.judge()
    }
  }

  close(): void {
    this.notices.close()
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

/** The reason with which the provider's call is aborted. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
  constructor(readonly why: 'cancelled' | 'lost' | 'handed-over') {
    super(`The answer is ${why}.`)
  }
}
