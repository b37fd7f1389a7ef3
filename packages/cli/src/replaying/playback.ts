import type { StoredEvent } from '@spool/log'

const LONGEST_TIMER_MS = 1_000_000_000

/** What was recorded, as it goes on again: begun once, for whoever watches. */
export class Playback {
  private startedMs: number | null = null

  constructor(
    private readonly speed: number,
    /** What lies up to here is history: it is there at once. */
    private readonly afterSeq: number,
    /** When the first event after it was appended. */
    private readonly recordedFromMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Time begins with the first who asks. */
  start(): void {
    this.startedMs ??= this.nowMs()
  }

  /** How long it is until an event comes. One that does not tell its time comes with the one before it. */
  msUntil(event: StoredEvent): number {
    if (event.seq <= this.afterSeq || this.speed === Infinity || this.startedMs === null) return 0
    const recordedMs = timeOf(event)
    if (recordedMs === undefined) return 0
    return Math.max(0, this.startedMs + (recordedMs - this.recordedFromMs) / this.speed - this.nowMs())
  }
}

/** When an event was appended, in milliseconds of the Unix clock. */
export function timeOf(event: StoredEvent): number | undefined {
  const at = event.event()?.at
  const ms = typeof at === 'string' ? Date.parse(at) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

/** Rejects with the signal's reason. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  for (let left = ms; left > 0; left -= LONGEST_TIMER_MS) await sleep(Math.min(left, LONGEST_TIMER_MS), signal)
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, ms)
    signal.addEventListener('abort', stop, { once: true })
  })
}
