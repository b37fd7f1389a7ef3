import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../random.ts'
import type { RecordedLog } from './recorded-log.ts'
import { gateways, type Reach, type Watcher } from './watcher.ts'

/** Comes back whenever its connection is gone, each time to another gateway, until it has seen the end. */
export abstract class ReturningWatcher implements Watcher {
  readonly log: RecordedLog
  readonly over: Promise<void>
  protected readonly reach: Reach
  protected readonly random: Random
  protected lastId: string | null
  protected lastSeq = 0
  protected hasSeenAll = false
  protected readonly nextUrl: () => string
  private endSeq = Infinity

  constructor(log: RecordedLog, reach: Reach, random: Random) {
    this.log = log
    this.reach = reach
    this.random = random
    this.lastId = log.after
    this.nextUrl = gateways(reach.urls, random)
    // Not before the rest of it is made, too.
    this.over = Promise.resolve().then(() => this.watch())
  }

  get standing(): string {
    const { log, lastId, endSeq } = this
    return `${log.kind} at ${lastId} of ${endSeq} after ${log.reconnects} reconnects, ${this.place}`
  }

  endAt(seq: number): void {
    this.endSeq = seq
    this.look()
  }

  /** One connection, to its end. Gives back how long to wait then, where that matters. */
  protected abstract connect(): Promise<number | null>
  protected abstract hangUp(): void
  /** How its connection stands. */
  protected abstract get place(): string

  /** Whether it is over with the session's last event. */
  protected get endsWithSession(): boolean {
    return true
  }

  protected saw(seq: number): void {
    this.lastSeq = seq
    this.look()
  }

  /** Whatever came with the last of it is still read. */
  protected end(): void {
    if (this.hasSeenAll) return
    this.hasSeenAll = true
    setImmediate(() => this.hangUp())
  }

  private look(): void {
    if (this.endsWithSession && this.lastSeq >= this.endSeq) this.end()
  }

  private async watch(): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) this.log.reconnects++
      const waitMs = await this.connect()
      if (this.hasSeenAll) break
      await sleep(waitMs ?? this.random.between(50, 300))
      // Somebody may have said meanwhile that what it saw last was the end.
      if (this.hasSeenAll) break
    }
    this.log.over()
  }
}
