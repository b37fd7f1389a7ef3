/** No step finer than this is looked for: a run on the same machine differs by as much from the next. */
const FINEST = 1.1
const FACTOR = 1.6

/**
 * Looks for the highest rate that holds: up by more than half each time, then between the highest that held and the lowest
 * that did not. What did not hold once is tried once more.
 */
export class MostSustained {
  highest = 0
  private lowestFailed = Infinity
  private failedOnce = 0
  private at: number
  private readonly least: number

  /** @param least nothing below it is worth knowing */
  constructor(first: number, least = 1) {
    this.at = first
    this.least = least
  }

  /** The rate to try now; `null`: it is known. */
  get next(): number | null {
    return this.lowestFailed / this.highest < FINEST || this.at < this.least ? null : this.at
  }

  /** @param clearly it was so far off that trying again would tell nothing */
  tried(held: boolean, clearly = false): void {
    const { at } = this
    if (!held && !clearly && this.failedOnce !== at) {
      this.failedOnce = at
      return
    }
    if (held) this.highest = at
    else this.lowestFailed = at
    if (this.lowestFailed === Infinity) this.at = Math.round(at * FACTOR)
    else
      this.at = this.highest === 0 ? Math.floor(at / FACTOR) : Math.round(Math.sqrt(this.highest * this.lowestFailed))
    // Nothing is left between the two.
    if (this.at === this.highest || this.at === this.lowestFailed) this.lowestFailed = this.highest
  }
}
