import { type Cursor, formatCursor } from '@spool/events'
import type { StoredEvent } from '@spool/log'
import { type Ending, limitFrame, type Place, type Wire } from '../streaming/wire.ts'
import type { SessionSignals } from './session-signals.ts'

const KEEP_ALIVE_MS = 15_000
/** One signal of a message in this time; the last one always. */
export const APART_MS = 50

/** A stream of signals. What happens in between is not told: the next signal says as much. */
export class SignalWire implements Wire {
  readonly keepAliveMs = KEEP_ALIVE_MS
  readonly flushMs = APART_MS
  private toldAtMs = -Infinity
  /** Whoever carries this has been asked to come back after `flushMs`. */
  private isAwaited = false

  constructor(
    private readonly signals: SessionSignals,
    /** Up to where they have been taken. */
    private at: Cursor,
  ) {}

  /** Where everything stands. */
  begin(): Uint8Array {
    return this.tell() ?? Buffer.from(': \n\n')
  }

  frames(stored: StoredEvent): Uint8Array | null {
    this.at = stored
    const event = stored.event()
    const isNews = event !== null && this.signals.take(event)
    // The first after a while goes out at once.
    const mayTell = isNews && !this.isAwaited && performance.now() - this.toldAtMs >= APART_MS
    this.isAwaited = true
    return mayTell ? this.tell() : null
  }

  flush(): Uint8Array | null {
    this.isAwaited = false
    return this.tell()
  }

  keepAlive(remark: string): string {
    return `: ${remark}\n\n`
  }

  close(ending: Ending, { cursor }: Place): Uint8Array | null {
    return ending === 'time_limit' ? limitFrame(cursor) : null
  }

  /** The last one carries the position up to which all were told. */
  private tell(): Uint8Array | null {
    const signals = this.signals.tell()
    const last = signals.pop()
    if (last === undefined) return null
    this.toldAtMs = performance.now()
    const before = signals.map((signal) => `data: ${JSON.stringify(signal)}\n\n`).join('')
    return Buffer.from(`${before}id: ${formatCursor(this.at)}\ndata: ${JSON.stringify(last)}\n\n`)
  }
}
