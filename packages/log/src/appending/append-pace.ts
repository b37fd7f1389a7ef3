/** An average append that takes so much longer than the quickest one has waited for a bus or a processor that is busy. */
const NO_DELAY_MS = 10
/** How often what lies above that is what a stream rests. */
const FACTOR = 3
const MOST_REST_MS = 150
/** One that hung says no more than this. */
const MOST_MS = 200
/** For so long an append counts for the average; where there are few of them, each for no more than its share of so many. */
const REMEMBERED_MS = 500
const LEAST_APPENDS = 32
/** The quickest is forgotten after one or two of these: what NATS is led by may have moved. */
const QUICKEST_MS = 600_000

/**
 * How long a stream rests between two appends, from how long the appends of all streams of this process take. One with
 * ten tokens costs hardly more than one with a single token: where there is more to do than gets done, fewer appends
 * are sooner through, all of them. Where nothing has to wait nobody rests.
 */
export class AppendPace {
  private averageMs = 0
  private quickestMs = Infinity
  private quickestBeforeMs = Infinity
  private lastAtMs = 0
  private quickestSinceMs = 0

  constructor(private readonly now = () => performance.now()) {}

  /** The log has answered an append after so long. */
  took(ms: number): void {
    const nowMs = this.now()
    const kept = Math.exp((this.lastAtMs - nowMs) / REMEMBERED_MS)
    this.averageMs = this.averageMs * kept + Math.min(ms, MOST_MS) * Math.min(1 - kept, 1 / LEAST_APPENDS)
    this.lastAtMs = nowMs
    if (nowMs - this.quickestSinceMs > QUICKEST_MS) {
      this.quickestBeforeMs = this.quickestMs
      this.quickestMs = Infinity
      this.quickestSinceMs = nowMs
    }
    this.quickestMs = Math.min(this.quickestMs, ms)
  }

  /** How long a stream rests whose write took so long: not at all, or less, if that was longer than those of the others. */
  restAfter(tookMs: number): number {
    const delayMs = this.averageMs - Math.min(this.quickestMs, this.quickestBeforeMs) - NO_DELAY_MS
    if (delayMs <= 0) return 0
    return Math.min(MOST_REST_MS, Math.max(0, FACTOR * delayMs + this.averageMs - tookMs))
  }
}
