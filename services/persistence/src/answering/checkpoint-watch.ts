import type { Kysely } from 'kysely'
import type { Schema } from '@spool/store'
import { QueryRefusal } from './refusals.ts'

const LOOK_EVERY_MS = 20
const PATIENCE_MS = 5000

interface Waiter {
  readonly shard: number
  readonly seq: number
  readonly giveUpAtMs: number
  readonly settle: (error?: unknown) => void
}

/**
 * Waits until a position is stored, whichever copy stores it: the checkpoint's row says so. One look serves all who
 * wait; the copy that projects says so itself.
 */
export class CheckpointWatch {
  private readonly waiters = new Set<Waiter>()
  private readonly stored: number[] = []
  private timer: NodeJS.Timeout | null = null

  constructor(
    private readonly kysely: Kysely<Schema>,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  /** Rejects with `behind` when the position is not stored in time. */
  async passed(shard: number, seq: number, patienceMs = this.patienceMs): Promise<void> {
    if ((this.stored[shard] ?? 0) >= seq) return
    const waiting = Promise.withResolvers<void>()
    const waiter: Waiter = {
      shard,
      seq,
      giveUpAtMs: performance.now() + patienceMs,
      settle: (error) => {
        this.waiters.delete(waiter)
        if (error === undefined) waiting.resolve()
        else waiting.reject(error)
      },
    }
    this.waiters.add(waiter)
    this.timer ??= setTimeout(() => void this.look(), 0)
    await waiting.promise
  }

  /** Positions only grow, also from epoch to epoch. */
  saw(shard: number, seq: number): void {
    if (seq > (this.stored[shard] ?? 0)) this.stored[shard] = seq
    for (const waiter of this.waiters) if (waiter.shard === shard && seq >= waiter.seq) waiter.settle()
  }

  private async look(): Promise<void> {
    try {
      const rows = await this.kysely.selectFrom('projection').select(['shard', 'seq']).execute()
      for (const row of rows) this.saw(row.shard, row.seq)
    } catch (error) {
      for (const waiter of this.waiters) waiter.settle(error)
    }
    const now = performance.now()
    for (const waiter of this.waiters) {
      if (now >= waiter.giveUpAtMs) {
        waiter.settle(new QueryRefusal('behind', 'What was written last is not stored yet. Ask again in a moment.'))
      }
    }
    this.timer = this.waiters.size === 0 ? null : setTimeout(() => void this.look(), LOOK_EVERY_MS)
  }
}
