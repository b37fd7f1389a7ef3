/**
 * Merges what arrives while a write is under way into the next one. When the bus is idle each item is written at
 * once and alone; under load the writes get bigger, and there is never a queue that grows: past `maxHeld` the
 * producer is asked to wait. After each write it rests for as long as `restAfter` says; to flush, or to have too much,
 * ends that.
 */
export class NaturalBatch<T> {
  private held: T[] = []
  private heldSize = 0
  private writing: Promise<void> | null = null
  private failure: { error: unknown } | null = null
  private room: PromiseWithResolvers<void> | null = null
  private isFlushing = false
  private endRest: (() => void) | undefined

  constructor(
    private readonly write: (items: readonly T[]) => Promise<void>,
    private readonly sizeOf: (item: T) => number,
    private readonly maxHeld: number,
    private readonly restAfter: (tookMs: number) => number = () => 0,
  ) {}

  /** The size of what waits to be written. */
  get size(): number {
    return this.heldSize
  }

  /** `undefined`, or a promise to wait for before more is pushed. Throws what a write threw. */
  push(item: T): Promise<void> | undefined {
    this.throwFailure()
    this.held.push(item)
    this.heldSize += this.sizeOf(item)
    this.writing ??= this.run()
    if (this.heldSize < this.maxHeld) return undefined
    this.endRest?.()
    this.room ??= Promise.withResolvers<void>()
    return this.room.promise
  }

  /** Resolves when everything pushed so far is written. */
  async flushed(): Promise<void> {
    this.isFlushing = true
    this.endRest?.()
    while (this.writing !== null) await this.writing
    this.isFlushing = false
    this.throwFailure()
  }

  private async run(): Promise<void> {
    try {
      while (this.held.length > 0) {
        const items = this.held
        this.held = []
        this.heldSize = 0
        this.makeRoom()
        const beganMs = performance.now()
        await this.write(items)
        const restMs = this.restAfter(performance.now() - beganMs)
        if (restMs >= 1 && !this.isFlushing) await this.rest(restMs)
      }
    } catch (error) {
      this.failure = { error }
      this.held = []
      this.heldSize = 0
      this.makeRoom()
    } finally {
      this.writing = null
    }
  }

  private rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.endRest = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  private makeRoom(): void {
    this.room?.resolve()
    this.room = null
  }

  private throwFailure(): void {
    if (this.failure !== null) throw this.failure.error
  }
}
