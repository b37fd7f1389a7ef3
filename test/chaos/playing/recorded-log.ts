import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { ClientKind, ClientLog, SeenEvent } from '../client-log.ts'

/** What a client knows of an event when it comes. */
export interface HeardEvent extends SeenEvent {
  readonly type: string
  readonly run?: string
}

/**
 * Keeps what came, as it came and in the order in which it came. Once it is over it is packed, because the logs of half
 * an hour would not fit into memory, and unpacked by who asks for it.
 */
export class RecordedLog implements ClientLog {
  readonly kind: ClientKind
  readonly session: string
  readonly after: string | null
  /** Where the client began the run itself, known from the answer on. */
  run: string | null
  reconnects = 0
  readonly faults: string[] = []
  readonly joints: number[] = []
  query: Readonly<Record<string, unknown>> = {}
  private lines: string[] = []
  private times: number[] = []
  private packed: { readonly lines: Buffer; readonly times: Float64Array } | null = null
  private unpacked: WeakRef<readonly string[]> | null = null
  private parsed: WeakRef<readonly SeenEvent[]> | null = null

  constructor(kind: ClientKind, session: string, run: string | null, after: string | null = null) {
    this.kind = kind
    this.session = session
    this.run = run
    this.after = after
  }

  get isOver(): boolean {
    return this.packed !== null
  }

  get count(): number {
    return this.packed?.times.length ?? this.times.length
  }

  /** The `data` of a frame. Null: it cannot be read, which is told. */
  event(data: string): HeardEvent | null {
    let event: HeardEvent
    try {
      event = JSON.parse(data) as HeardEvent
    } catch {
      this.fault(`no event: ${data.slice(0, 200)}`)
      return null
    }
    this.frame(data)
    return event
  }

  frame(text: string): void {
    this.lines.push(text)
    this.times.push(performance.now())
  }

  /** There is no end to what goes wrong all the time. */
  fault(what: string): void {
    if (this.faults.length < 50) this.faults.push(what)
  }

  over(): void {
    if (this.packed !== null) return
    const lines = zstdCompressSync(JSON.stringify(this.lines))
    this.packed = { lines, times: Float64Array.from(this.times) }
    this.lines = []
    this.times = []
  }

  get events(): readonly SeenEvent[] {
    if (this.isDialect) return []
    const known = this.parsed?.deref()
    if (known !== undefined && known.length === this.count) return known
    const events = this.all.map((line) => JSON.parse(line) as SeenEvent)
    this.parsed = new WeakRef(events)
    return events
  }

  get frames(): readonly string[] {
    return this.isDialect ? this.all : []
  }

  get at(): readonly number[] {
    return this.packed === null ? this.times : Array.from(this.packed.times)
  }

  private get isDialect(): boolean {
    return this.kind.startsWith('dialect')
  }

  private get all(): readonly string[] {
    if (this.packed === null) return this.lines
    const known = this.unpacked?.deref()
    if (known !== undefined) return known
    const lines = JSON.parse(zstdDecompressSync(this.packed.lines).toString()) as string[]
    this.unpacked = new WeakRef(lines)
    return lines
  }
}
