/** Each class is wider than the one before by so much: what is read from them is off by 1 % at most. */
const STEP = Math.log(1.02)
const LEAST_MS = 0.02
const CLASSES = 800

/** How late so many were, in a room that does not grow with how many there are. */
export class Lateness {
  private counts = new Uint32Array(CLASSES)
  count = 0
  max = 0

  add(ms: number): void {
    const at = ms <= LEAST_MS ? 0 : Math.floor(Math.log(ms / LEAST_MS) / STEP)
    this.counts[Math.min(at, CLASSES - 1)]!++
    this.count++
    if (ms > this.max) this.max = ms
  }

  addAll(others: Lateness): void {
    for (let at = 0; at < CLASSES; at++) this.counts[at]! += others.counts[at]!
    this.count += others.count
    this.max = Math.max(this.max, others.max)
  }

  /** The milliseconds below which such a share of them is. */
  share(part: number): number {
    const wanted = this.count * part
    for (let at = 0, seen = 0; at < CLASSES; at++) {
      seen += this.counts[at]!
      if (seen > wanted) return Math.min(this.max, LEAST_MS * Math.exp((at + 0.5) * STEP))
    }
    return this.max
  }

  clear(): void {
    this.counts.fill(0)
    this.count = 0
    this.max = 0
  }
}
