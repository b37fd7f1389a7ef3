/** So many at once, and so many a second on average. */
export interface Pace {
  readonly perSecond: number
  readonly atOnce: number
}

/** Thousandths: whole numbers, so that nothing is lost on the way. */
const ONE = 1000

/** Knows nothing of clocks: each call says when it is. */
export class TokenBucket {
  private tokens: number

  constructor(
    private readonly pace: Pace,
    private filledAtMs: number,
  ) {
    this.tokens = pace.atOnce * ONE
  }

  /** 0: taken. Else nothing is, and so many milliseconds later there is one. */
  take(nowMs: number): number {
    this.tokens = this.tokensAt(nowMs)
    this.filledAtMs = nowMs
    if (this.tokens < ONE) return Math.ceil((ONE - this.tokens) / this.pace.perSecond)
    this.tokens -= ONE
    return 0
  }

  /** Whether it stands as a new one would. */
  isFull(nowMs: number): boolean {
    return this.tokensAt(nowMs) === this.pace.atOnce * ONE
  }

  private tokensAt(nowMs: number): number {
    // A clock that was set back gives nothing and takes nothing.
    const passedMs = Math.max(0, nowMs - this.filledAtMs)
    return Math.min(this.pace.atOnce * ONE, this.tokens + passedMs * this.pace.perSecond)
  }
}
