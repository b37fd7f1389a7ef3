export interface BacklogLimits<Item> {
  /** Items in a batch, at most. */
  readonly batchSize: number
  /** How long the first item of a batch waits for more. */
  readonly lingerMs: number
  /** What the items of a batch weigh together, at most. */
  readonly batchWeight: number
  readonly weigh: (item: Item) => number
}

/** So much is read ahead. */
const ROOM_IN_BATCHES = 4

/** What has been read and not yet stored. Full, it makes the reader wait; it hands out batches. */
export class Backlog<Item> {
  private items: Item[] = []
  private firstAtMs = 0
  private ended: { readonly error?: unknown } | null = null
  private readonly wakeUps = new Set<() => void>()

  private weight = 0

  constructor(private readonly limits: BacklogLimits<Item>) {}

  /** The oldest item that waits. */
  get first(): Item | undefined {
    return this.items[0]
  }

  /** Reads until the source ends or `stop` is called. */
  async readFrom(source: AsyncIterable<readonly Item[]>): Promise<void> {
    try {
      for await (const page of source) {
        const [wasEmpty, wasFull] = [this.items.length === 0, this.isFull()]
        for (const item of page) {
          this.weight += this.limits.weigh(item)
          this.items.push(item)
        }
        if (wasEmpty) this.firstAtMs = performance.now()
        if (wasEmpty || this.isFull() !== wasFull) this.wake()
        while (this.isFull(ROOM_IN_BATCHES) && this.ended === null) await this.change()
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
      if (this.isFull() || (this.ended !== null && this.items.length > 0)) break
      if (this.ended !== null) {
        if ('error' in this.ended) throw this.ended.error
        return null
      }
      const waitMs = this.items.length === 0 ? null : this.firstAtMs + this.limits.lingerMs - performance.now()
      if (waitMs !== null && waitMs <= 0) break
      await this.change(waitMs)
    }
    const batch = this.items.splice(0, this.nextBatch())
    this.firstAtMs = performance.now()
    this.wake()
    return batch
  }

  /** As many of the oldest as fit into a batch; one always does. */
  private nextBatch(): number {
    const { batchSize, batchWeight, weigh } = this.limits
    let weight = 0
    let count = 0
    while (count < batchSize && count < this.items.length) {
      const more = weigh(this.items[count]!)
      if (count > 0 && weight + more > batchWeight) break
      weight += more
      count++
    }
    this.weight -= weight
    return count
  }

  private isFull(batches = 1): boolean {
    return this.items.length >= this.limits.batchSize * batches || this.weight >= this.limits.batchWeight * batches
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
