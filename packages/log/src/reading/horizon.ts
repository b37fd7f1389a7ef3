import type { Archive } from '../archive/archive.ts'
import type { Bus } from '../connecting/bus.ts'
import { LogBehind } from '../errors.ts'
import { logStreamName } from '../naming/subjects.ts'
import type { Deployment } from '../provisioning/deployment.ts'
import { retryDelay } from '../waiting.ts'

interface ShardView {
  epoch: number
  /** The highest position this process has seen in the stream. */
  highest: number
  behind: LogBehind | null
}

/**
 * Keeps the highest position seen per LOG stream. A stream that comes back ending before it has lost data and
 * would hand the same positions out again: it gets no appends from this process, and the process is not ready.
 */
export class Horizon {
  private readonly shards: ShardView[]
  private verified = true
  private verifying: Promise<void> | null = null

  constructor(
    private readonly bus: Bus,
    private readonly archive: Archive,
    deployment: Deployment,
  ) {
    this.shards = deployment.epochs.map((epoch) => ({ epoch, highest: 0, behind: null }))
    bus.onReconnect(() => {
      this.verified = false
      void this.verify()
    })
  }

  epoch(shard: number): number {
    return this.shards[shard]!.epoch
  }

  saw(shard: number, seq: number): void {
    const view = this.shards[shard]!
    if (seq > view.highest) view.highest = seq
  }

  /** Called before each append. No await is needed but right after a reconnect. */
  mayAppend(shard: number): Promise<void> | undefined {
    if (!this.verified) return this.verify().then(() => this.assertNotBehind(shard))
    this.assertNotBehind(shard)
    return undefined
  }

  get behind(): LogBehind | null {
    return this.shards.find((view) => view.behind !== null)?.behind ?? null
  }

  /** At boot: what the archive holds was seen too. An archive that does not answer is asked again at each reconnect. */
  async askArchive(): Promise<void> {
    const heights = await this.archive.heights()
    for (const [shard, height] of heights.entries()) if (shard < this.shards.length) this.saw(shard, height)
    await this.verify()
  }

  private assertNotBehind(shard: number): void {
    const { behind } = this.shards[shard]!
    if (behind !== null) throw behind
  }

  private verify(): Promise<void> {
    this.verifying ??= this.compare().finally(() => {
      this.verifying = null
    })
    return this.verifying
  }

  private async compare(): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        for (const [shard, view] of this.shards.entries()) {
          const info = await this.bus.jsm.streams.info(logStreamName(shard, this.shards.length))
          const epoch = Number(info.config.metadata?.['spool_epoch'] ?? 1)
          // A new epoch begins beyond everything that was stored: it is repaired.
          view.behind = info.state.last_seq < view.highest ? new LogBehind(view.highest, info.state.last_seq) : null
          view.epoch = epoch
        }
        this.verified = true
        return
      } catch (error) {
        if (this.bus.nc.isClosed()) throw error
        await retryDelay(attempt)
      }
    }
  }
}
