/** What has been read and not yet stored. Full, it makes the reader wait; it hands out batches. */
export class Backlog<Item> {
  private items: Item[] = []
  private firstAtMs = 0
  private ended: { readonly error?: unknown } | null = null
  private readonly wakeUps = new Set<() => void>()

  constructor(
    private readonly batchSize: number,
    private readonly lingerMs: number,
    private readonly capacity = batchSize * 4,
  ) {}

  /** The oldest item that waits. */
  get first(): Item | undefined {
    return this.items[0]
  }

  /** Reads until the source ends or `stop` is called. */
  async readFrom(source: AsyncIterable<Item>): Promise<void> {
    try {
      for await (const item of source) {
        if (this.items.push(item) === 1) {
          this.firstAtMs = performance.now()
          this.wake()
        } else if (this.items.length === this.batchSize) this.wake()
        while (this.items.length >= this.capacity && this.ended === null) await this.change()
        if (this.ended !== null) return
      }
      this.end({})
    } catch (error) {
      this.end({ error })
    }
  }

  stop(): void {
    this.end({})
  }

  /** The next batch: a full one, or what has come within the linger time. `null`: the source has ended. */
  async take(): Promise<Item[] | null> {
    for (;;) {
      if (this.items.length >= this.batchSize || (this.ended !== null && this.items.length > 0)) break
      if (this.ended !== null) {
        if ('error' in this.ended) throw this.ended.error
        return null
      }
      const waitMs = this.items.length === 0 ? null : this.firstAtMs + this.lingerMs - performance.now()
      if (waitMs !== null && waitMs <= 0) break
      await this.change(waitMs)
    }
    const batch = this.items.splice(0, this.batchSize)
    this.firstAtMs = performance.now()
    this.wake()
    return batch
  }

  private end(ended: { readonly error?: unknown }): void {
    this.ended ??= ended
    this.wake()
  }

  private change(waitMs: number | null = null): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      const done = (): void => {
        clearTimeout(timer)
        this.wakeUps.delete(done)
        resolve()
      }
      if (waitMs !== null) timer = setTimeout(done, waitMs)
      this.wakeUps.add(done)
    })
  }

  private wake(): void {
    for (const wakeUp of this.wakeUps) wakeUp()
  }
}
