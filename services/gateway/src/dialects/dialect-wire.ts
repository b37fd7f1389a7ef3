import { type Dialect, type DialectState, type Frame, type Opening, written } from '@spool/dialects'
import { formatCursor, type SpoolEvent } from '@spool/events'
import type { StoredEvent } from '@spool/log'
import type { Ending, Wire } from '../streaming/wire.ts'

export interface DialectStart {
  readonly dialect: Dialect
  readonly opening: Opening<unknown>
  readonly run: string
  /** The client has all up to here: it is made again, and not sent. */
  readonly after: number
  /** Resolves when the store has everything up to a position. */
  readonly stored: (position: number, signal: AbortSignal) => Promise<void>
  /** `null`: nobody has it any more. */
  readonly textOf: (blob: string) => Promise<string | null>
}

/** A stream in the words of a dialect. */
export class DialectWire implements Wire {
  readonly keepAliveMs?: number
  readonly maxMs?: number
  readonly flushMs?: number
  readonly readyToClose?: (position: number, signal: AbortSignal) => Promise<void>
  private readonly state: DialectState
  private readonly first: readonly Frame[]
  private readonly cacheKey: string
  private readonly mostHeld: number
  private held: Uint8Array[] = []
  private sent = { bytes: 0, frames: 0 }
  /** What the next event needs, by its position. */
  private prepared: { readonly seq: number; readonly blob: string | null } | null = null

  constructor(private readonly start: DialectStart) {
    const { dialect, opening } = start
    const { state, frames } = dialect.open(opening)
    this.state = state
    this.first = frames
    this.cacheKey = `${dialect.name} ${state.variant ?? ''}`
    const beatMs = dialect.beatMs?.(opening.options)
    if (beatMs !== undefined) this.keepAliveMs = beatMs
    if (dialect.maxStreamMs !== undefined) this.maxMs = dialect.maxStreamMs
    const hold = dialect.hold?.(opening.options)
    this.mostHeld = hold?.frames ?? 0
    if (hold !== undefined) this.flushMs = hold.ms
    if (dialect.endsWhenStored === true) {
      this.readyToClose = async (position, signal) => {
        if (this.state.over !== true) await start.stored(position, signal)
      }
    }
  }

  get over(): boolean {
    return this.state.over === true || this.state.done === true
  }

  /** Before any event. */
  begin(): Uint8Array {
    return this.count(bytesOf(this.first), this.first.length)
  }

  prepare(stored: StoredEvent): Promise<void> | undefined {
    const { dialect, after, textOf } = this.start
    const event = stored.seq > after && dialect.wants !== undefined ? this.ours(stored) : null
    const wanted = event === null ? undefined : dialect.wants?.(event)
    if (wanted === undefined) return undefined
    return textOf(wanted).then((blob) => {
      this.prepared = { seq: stored.seq, blob }
    })
  }

  frames(stored: StoredEvent): Uint8Array | null {
    const event = this.ours(stored)
    if (event === null) return null
    const cursor = formatCursor(stored)
    const blob = this.prepared?.seq === stored.seq ? { blob: this.prepared.blob } : {}
    this.prepared = null
    const frames = this.start.dialect.encode({ event, id: stored.id, cursor, ...blob }, this.state)
    if (frames.length === 0 || stored.seq <= this.start.after) return null
    const bytes = event.type === 'text.delta' ? this.shared(stored, frames, cursor) : bytesOf(frames, cursor)
    this.count(bytes, frames.length)
    if (this.flushMs === undefined) return bytes
    this.held.push(bytes)
    return this.held.length >= this.mostHeld ? this.flush() : null
  }

  flush(): Uint8Array | null {
    const { held } = this
    if (held.length === 0) return null
    this.held = []
    return Buffer.concat(held)
  }

  keepAlive(remark: string): string {
    const beat = this.start.dialect.beat?.(this.state, new Date()) ?? `: ${remark}\n\n`
    return typeof beat === 'string' ? beat : written(beat)
  }

  close(ending: Ending): Uint8Array | null {
    if (this.state.over === true) return null
    const ms = Date.now() - this.start.opening.openedAt
    return bytesOf(this.start.dialect.close(ending, this.state, { ...this.sent, ms }))
  }

  /** Other runs wait in the same session, and are streams of their own. */
  private ours(stored: StoredEvent): SpoolEvent | null {
    const event = stored.event()
    return event?.run === undefined || event.run === this.start.run ? event : null
  }

  /** Written once, however many watch in the same words. */
  private shared(stored: StoredEvent, frames: readonly Frame[], cursor: string): Uint8Array {
    stored.frames ??= {}
    return (stored.frames[this.cacheKey] ??= bytesOf(frames, cursor))
  }

  private count(bytes: Uint8Array, frames: number): Uint8Array {
    this.sent.bytes += bytes.length
    this.sent.frames += frames
    return bytes
  }
}

const bytesOf = (frames: readonly Frame[], id?: string): Buffer => Buffer.from(written(frames, id))
