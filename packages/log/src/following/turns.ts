/**
 * Thousands may have waited for the same thing. So many of them go on in one turn of the event loop, the others in the
 * next ones, in the order in which they came; in between comes everybody else.
 */
export class Turns {
  private readonly waiting: (() => void)[] = []
  private free: number
  private ending = false

  constructor(private readonly perTurn: number) {
    this.free = perTurn
  }

  /** `undefined`: go on at once. */
  next(): Promise<void> | undefined {
    this.endSoon()
    if (this.free > 0) {
      this.free--
      return undefined
    }
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  private endSoon(): void {
    if (this.ending) return
    this.ending = true
    setImmediate(() => this.end())
  }

  private end(): void {
    this.ending = false
    const going = this.waiting.splice(0, this.perTurn)
    this.free = this.perTurn - going.length
    if (going.length > 0) this.endSoon()
    for (const go of going) go()
  }
}
