/** An average append that takes so much longer than the quickest did has waited for a bus or a processor that is busy. */
const NO_DELAY_MS = 10
/** How much of the delay a stream rests. */
const FACTOR = 2
const MOST_REST_MS = 70
/** So many appends make the average: a tenth of a second of a busy process. */
const APPENDS = 1024
/** One that hung says no more than this. */
const MOST_MS = 200

/**
 * How long a stream rests between two appends, from how long the appends of all streams of this process take. One with
 * ten tokens costs hardly more than one with a single token: where there is more to do than gets done, fewer appends
 * are sooner through, all of them. Where nothing has to wait nobody rests.
 */
export class AppendPace {
  private quickestMs = Infinity
  private averageMs = 0

  /** An append took so long. Gives back the rest after it, which may be none, or less. */
  restAfter(tookMs: number): number {
    this.quickestMs = Math.min(this.quickestMs, tookMs)
    this.averageMs += (Math.min(tookMs, MOST_MS) - this.averageMs) / APPENDS
    const delayMs = this.averageMs - this.quickestMs - NO_DELAY_MS
    if (delayMs <= 0) return 0
    // Whoever has just waited for longer than others is not to wait for longer once more.
    return Math.min(MOST_REST_MS, FACTOR * delayMs) + this.averageMs - tookMs
  }
}
