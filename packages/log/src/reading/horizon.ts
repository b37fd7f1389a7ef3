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

/** A replica that has just become the leader may not have applied all that it holds. It has after a moment. */
const LOOKS_BEFORE_BEHIND = 5
const LOOK_AGAIN_MS = 2000

/**
 * Keeps the highest position seen per LOG stream. A stream that comes back ending before it has lost data and
 * would hand the same positions out again: it gets no appends from this process, and the process is not ready.
 */
export class Horizon {
  private readonly shards: ShardView[]
  private verified = true
  private verifying: Promise<void> | null = null
  private disconnects = 0
  private heightsKnown = false
  private lookAgain: NodeJS.Timeout | undefined

  constructor(
    private readonly bus: Bus,
    private readonly archive: Archive,
    deployment: Deployment,
  ) {
    this.shards = deployment.epochs.map((epoch) => ({ epoch, highest: 0, behind: null }))
    // From the break on, not from the reconnect: nothing may go out before the first look.
    bus.onDisconnect(() => {
      this.disconnects++
      this.verified = false
    })
    bus.onReconnect(() => this.inBackground(this.heightsKnown ? this.verify() : this.askArchive()))
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
    try {
      const heights = await this.archive.heights()
      for (const [shard, height] of heights.entries()) if (shard < this.shards.length) this.saw(shard, height)
      this.heightsKnown = true
    } finally {
      await this.verify()
    }
  }

  /** Looks at the streams as they are now: their epochs, and whether they end where they must. */
  verify(): Promise<void> {
    this.verifying ??= this.compare().finally(() => {
      this.verifying = null
    })
    return this.verifying
  }

  private assertNotBehind(shard: number): void {
    const { behind } = this.shards[shard]!
    if (behind !== null) throw behind
  }

  private async compare(): Promise<void> {
    for (let attempt = 0, looksBehind = 0; ; attempt++) {
      await this.bus.untilConnected()
      const { disconnects } = this
      try {
        const views = await Promise.all(this.shards.map((view, shard) => this.look(view, shard)))
        if (disconnects !== this.disconnects) continue
        const behind = views.some((view) => view.behind !== null)
        if (!behind || ++looksBehind >= LOOKS_BEFORE_BEHIND) {
          for (const [shard, view] of views.entries()) Object.assign(this.shards[shard]!, view)
          this.verified = true
          if (behind) this.lookAgainLater()
          return
        }
      } catch (error) {
        if (this.bus.nc.isClosed()) throw error
      }
      await retryDelay(attempt)
    }
  }

  private async look(view: ShardView, shard: number): Promise<Pick<ShardView, 'epoch' | 'behind'>> {
    const stream = logStreamName(shard, this.shards.length)
    // As of now: what is stored while we ask is seen before the answer, which may not tell of it.
    const { highest } = view
    const { config, state } = await this.bus.whileConnected(this.bus.leader.streams.info(stream))
    // A new epoch begins beyond everything that was stored: then it is repaired.
    const behind = state.last_seq < highest ? new LogBehind(highest, state.last_seq) : null
    return { epoch: Number(config.metadata?.['spool_epoch'] ?? 1), behind }
  }

  /** Whoever repairs the stream need not break our connection. */
  private lookAgainLater(): void {
    clearTimeout(this.lookAgain)
    this.lookAgain = setTimeout(() => this.inBackground(this.verify()), LOOK_AGAIN_MS)
    this.lookAgain.unref()
  }

  /** It fails when the connection is closed for good, or when the archive is away: neither is news here. */
  private inBackground(work: Promise<void>): void {
    work.catch(() => undefined)
  }
}
