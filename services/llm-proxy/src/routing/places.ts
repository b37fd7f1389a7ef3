/** At most so many calls of a route at once; who comes later waits in line. */
export class Places {
  private taken = 0
  private readonly line = new Set<() => void>()

  constructor(private readonly limit: number) {}

  get inUse(): number {
    return this.taken
  }

  get waiting(): number {
    return this.line.size
  }

  /** Resolves with what gives the place back; rejects with the signal's reason when that comes first. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.taken >= this.limit) await this.turn(signal)
    else this.taken++
    let isGiven = false
    return () => {
      if (isGiven) return
      isGiven = true
      this.leave()
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const giveUp = () => {
      this.line.delete(go)
      reject(signal.reason as Error)
    }
    const go = () => {
      signal.removeEventListener('abort', giveUp)
      resolve()
    }
    this.line.add(go)
    signal.addEventListener('abort', giveUp, { once: true })
    return promise
  }

  /** The place goes to the first in line without ever being free: nobody can slip in between. */
  private leave(): void {
    const [next] = this.line
    if (next === undefined) {
      this.taken--
      return
    }
    this.line.delete(next)
    next()
  }
}
