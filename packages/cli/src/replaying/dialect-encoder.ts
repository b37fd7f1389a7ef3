import { type Dialect, type DialectState, type Ending, type Opening, written } from '@spool/dialects'
import { formatCursor } from '@spool/events'
import type { StoredEvent } from '@spool/log'

/** One stream of a run in the words of a dialect, as a gateway would have written it. */
export class DialectEncoder {
  private readonly state: DialectState
  private readonly sent = { bytes: 0, frames: 0 }
  /** Before any event. */
  readonly beginning: string

  constructor(
    private readonly dialect: Dialect,
    private readonly opening: Opening<unknown>,
    private readonly run: string,
    /** The client has all up to here: it is made again, and not sent. */
    private readonly after: number,
  ) {
    const { state, frames } = dialect.open(opening)
    this.state = state
    this.beginning = this.count(written(frames), frames.length)
  }

  /** Nothing is left to be said but the last words. */
  get over(): boolean {
    return this.state.over === true || this.state.done === true
  }

  /** What an event becomes; often nothing. What lies in a blob is not replayed. */
  take(stored: StoredEvent): string {
    const event = stored.event()
    if (event === null || (event.run !== undefined && event.run !== this.run)) return ''
    const cursor = formatCursor(stored)
    const blob = this.dialect.wants?.(event) === undefined ? {} : { blob: null }
    const frames = this.dialect.encode({ event, id: stored.id, cursor, ...blob }, this.state)
    return stored.seq <= this.after ? '' : this.count(written(frames, cursor), frames.length)
  }

  beat(): string {
    const beat = this.dialect.beat?.(this.state, new Date()) ?? ': \n\n'
    return typeof beat === 'string' ? beat : written(beat)
  }

  beatMs(fallback: number): number {
    return this.dialect.beatMs?.(this.opening.options) ?? fallback
  }

  close(ending: Ending): string {
    if (this.state.over === true) return ''
    const ms = Date.now() - this.opening.openedAt
    return written(this.dialect.close(ending, this.state, { ...this.sent, ms }))
  }

  private count(text: string, frames: number): string {
    this.sent.bytes += Buffer.byteLength(text)
    this.sent.frames += frames
    return text
  }
}
