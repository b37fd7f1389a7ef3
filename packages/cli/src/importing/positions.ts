/** Where the events of a history lie in another log. Both grow. */
export class Positions {
  private readonly before: number[] = []
  private readonly after: number[] = []

  add(before: number, after: number): void {
    this.before.push(before)
    this.after.push(after)
  }

  /** Of the last event up to there; 0 where there is none. */
  at(before: number): number {
    let low = 0
    let high = this.before.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.before[middle]! <= before) low = middle + 1
      else high = middle
    }
    return low === 0 ? 0 : this.after[low - 1]!
  }
}
