import { describe, expect, test } from 'vitest'
import { Backlog } from './backlog.ts'

/** A source that gives what it is told to, when it is told to. */
class Source {
  taken = 0
  private waiting: ((result: IteratorResult<number[]>) => void) | null = null
  private readonly items: number[] = []

  give(...items: number[]): void {
    this.items.push(...items)
    const item = this.items[0]
    if (this.waiting === null || item === undefined) return
    this.items.shift()
    this.taken++
    this.waiting({ done: false, value: [item] })
    this.waiting = null
  }

  [Symbol.asyncIterator](): AsyncIterator<number[]> {
    return {
      next: () => {
        const item = this.items.shift()
        if (item === undefined) return new Promise((resolve) => (this.waiting = resolve))
        this.taken++
        return Promise.resolve({ done: false, value: [item] })
      },
    }
  }
}

async function* of(...items: number[]): AsyncGenerator<number[]> {
  yield items.slice(0, 2)
  yield items.slice(2)
}

async function* pagesOf(...pages: number[][]): AsyncGenerator<number[]> {
  yield* pages
}

async function* failing(): AsyncGenerator<number[]> {
  yield [1]
  throw new Error('gone')
}

const limited = (batchSize: number, lingerMs: number, batchWeight = 1e9) =>
  new Backlog<number>({ batchSize, lingerMs, batchWeight, weigh: (item) => item })

describe('a backlog', () => {
  test('gives what has come within the linger time, in order', async () => {
    const source = new Source()
    const backlog = limited(100, 30)
    void backlog.readFrom(source)
    source.give(1, 2, 3)
    const startedMs = performance.now()
    expect(await backlog.take()).toEqual([1, 2, 3])
    expect(performance.now() - startedMs).toBeGreaterThan(20)
  })

  test('gives a full batch at once', async () => {
    const source = new Source()
    const backlog = limited(3, 60_000)
    void backlog.readFrom(source)
    source.give(1, 2, 3, 4)
    expect(await backlog.take()).toEqual([1, 2, 3])
  })

  test('takes no more from its source than it has room for', async () => {
    const source = new Source()
    const backlog = limited(2, 1)
    void backlog.readFrom(source)
    source.give(...Array.from({ length: 20 }, (_, n) => n))
    await backlog.take()
    await new Promise(setImmediate)
    expect(source.taken).toBeLessThanOrEqual(10)
  })

  test('gives no more than weighs a batch, but one item always', async () => {
    const backlog = limited(100, 60_000, 10)
    void backlog.readFrom(of(4, 4, 4, 30, 1))
    expect(await backlog.take()).toEqual([4, 4])
    expect(await backlog.take()).toEqual([4])
    expect(await backlog.take()).toEqual([30])
    expect(await backlog.take()).toEqual([1])
  })

  test('takes a page of any size', async () => {
    const backlog = limited(1000, 60_000)
    const page = Array.from({ length: 300_000 }, (_, n) => n)
    void backlog.readFrom(pagesOf(page))
    expect(await backlog.take()).toEqual(page.slice(0, 1000))
  })

  test('gives everything before it says that its source has ended, and then null', async () => {
    const backlog = limited(2, 60_000)
    await backlog.readFrom(of(1, 2, 3))
    expect(await backlog.take()).toEqual([1, 2])
    expect(await backlog.take()).toEqual([3])
    expect(await backlog.take()).toBeNull()
  })

  test('passes on what its source threw, after what came before it', async () => {
    const backlog = limited(2, 1)
    await backlog.readFrom(failing())
    expect(await backlog.take()).toEqual([1])
    await expect(backlog.take()).rejects.toThrow('gone')
  })
})
