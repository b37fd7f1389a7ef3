import type { Archive } from '../archive/archive.ts'
import type { Bus } from '../connecting/bus.ts'
import { LogBehind } from '../errors.ts'
import { logStreamName } from '../naming/subjects.ts'
import type { Deployment } from '../provisioning/deployment.ts'
import { type Epoch, epochOf } from '../restoring/epoch.ts'
import { listenForNotices } from '../restoring/notices.ts'
import { retryDelay, within } from '../waiting.ts'

interface ShardView {
  /** Only ever a later one. */
  life: Epoch
  /** The highest position this process has seen in the stream. */
  highest: number
  behind: LogBehind | null
  /** What persistence has said last, and until when that counts. */
  diverged: { readonly error: LogBehind; readonly untilMs: number } | null
}

/** A replica that has just become the leader may not have applied all that it holds. It has after a moment. */
const LOOKS_BEFORE_BEHIND = 5
const LOOK_AGAIN_MS = 2000
/** Persistence says it every 2 s. */
const DIVERGED_COUNTS_MS = 6000

/**
 * Keeps the epoch and the highest position seen per LOG stream. A stream that comes back ending before it, or in an
 * earlier epoch, has lost data and would hand the same positions out again: it gets no appends from this process, and
 * the process is not ready. Likewise while persistence says that the stream is not the one that it has stored.
 */
export class Horizon {
  private readonly shards: ShardView[]
  private verified = true
  private verifying: Promise<void> | null = null
  private disconnects = 0
  private heightsKnown = false
  /** While nobody has told yet how far the log has come. */
  private untold: Promise<void> | null = null
  private lookAgain: NodeJS.Timeout | undefined
  private readonly epochListeners = new Set<() => void>()

  constructor(
    private readonly bus: Bus,
    private readonly archive: Archive,
    deployment: Deployment,
  ) {
    this.shards = deployment.epochs.map((life) => ({ life, highest: 0, behind: null, diverged: null }))
    // From the break on, not from the reconnect: nothing may go out before the first look.
    bus.onDisconnect(() => {
      this.disconnects++
      this.verified = false
    })
    bus.onReconnect(() => this.inBackground(this.heightsKnown ? this.verify() : this.askArchive()))
    listenForNotices(bus, {
      onEpoch: (shard, begun) => this.begin(shard, begun),
      onDiverged: (shard, why) => this.diverged(shard, why),
    })
  }

  epoch(shard: number): number {
    return this.shards[shard]!.life.epoch
  }

  /** The epoch that a position was given out in; for one of an epoch that is long gone, a later one before this. */
  epochAt(shard: number, seq: number): number {
    const { epoch, first } = this.shards[shard]!.life
    return seq >= first ? epoch : epoch - 1
  }

  saw(shard: number, seq: number): void {
    const view = this.shards[shard]!
    if (seq > view.highest) view.highest = seq
  }

  /** Called before each append. No await is needed but at the start and right after a reconnect. */
  mayAppend(shard: number): Promise<void> | undefined {
    if (this.untold !== null) return this.untold.then(() => this.mayAppend(shard))
    if (!this.verified) return this.verify().then(() => this.assertNotBehind(shard))
    this.assertNotBehind(shard)
    return undefined
  }

  /** To be awaited before what the streams hold is read or handed on: after a reconnect they may be in a new epoch. */
  looked(): Promise<void> | undefined {
    return this.verified ? undefined : this.verify()
  }

  get behind(): LogBehind | null {
    return this.shards.map((view) => reasonNotToAppend(view)).find((reason) => reason !== null) ?? null
  }

  /** Told when any of the streams is found to be in a new epoch. */
  onEpoch(listener: () => void): () => void {
    this.epochListeners.add(listener)
    return () => this.epochListeners.delete(listener)
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

  /**
   * A process that has just begun has seen nothing yet: nothing is appended before `told` ends, or for so long. Where
   * all of Spool starts on an old disk, the first jobs would else be done again before persistence is there.
   */
  waitFor(told: Promise<void>, atMostMs: number): void {
    const over = within(atMostMs, told).catch(() => undefined)
    this.untold = over.then(() => {
      this.untold = null
    })
  }

  /** Looks at the streams as they are now: their epochs, and whether they end where they must. */
  verify(): Promise<void> {
    this.verifying ??= this.compare().finally(() => {
      this.verifying = null
    })
    return this.verifying
  }

  private assertNotBehind(shard: number): void {
    const reason = reasonNotToAppend(this.shards[shard]!)
    if (reason !== null) throw reason
  }

  /** From the notice on: the first event of the epoch may come right behind it. */
  private async begin(shard: number, begun: Epoch): Promise<void> {
    const view = this.shards[shard]
    if (view === undefined) return
    this.enter(view, begun)
    // A look that is under way may have seen what was before.
    await this.verifying?.catch(() => undefined)
    await this.verify().catch(() => undefined)
  }

  private enter(view: ShardView, begun: Epoch): void {
    if (begun.epoch <= view.life.epoch) return
    view.life = begun
    view.diverged = null
    for (const listener of this.epochListeners) listener()
  }

  private diverged(shard: number, why: string): void {
    const view = this.shards[shard]
    if (view === undefined) return
    const error = new LogBehind(view.highest, view.highest, why)
    view.diverged = { error, untilMs: performance.now() + DIVERGED_COUNTS_MS }
  }

  private async compare(): Promise<void> {
    for (let attempt = 0, looksBehind = 0; ; attempt++) {
      await this.bus.untilConnected()
      const { disconnects } = this
      try {
        const looks = await Promise.all(this.shards.map((view, shard) => this.look(view, shard)))
        if (disconnects !== this.disconnects) continue
        const behind = looks.some((look) => look.behind !== null)
        if (!behind || ++looksBehind >= LOOKS_BEFORE_BEHIND) {
          for (const [shard, look] of looks.entries()) {
            this.enter(this.shards[shard]!, look.life)
            this.shards[shard]!.behind = look.behind
          }
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

  private async look(view: ShardView, shard: number): Promise<{ life: Epoch; behind: LogBehind | null }> {
    const stream = logStreamName(shard, this.shards.length)
    // As of now: what is stored while we ask is seen before the answer, which may not tell of it.
    const { highest, life: known } = view
    const { config, state } = await this.bus.whileConnected(this.bus.leader.streams.info(stream))
    const life = epochOf(config)
    // A new epoch begins beyond everything that was stored: then it is repaired.
    if (state.last_seq < highest) return { life, behind: new LogBehind(highest, state.last_seq) }
    if (life.epoch >= known.epoch) return { life, behind: null }
    const why = `The log is in epoch ${life.epoch}, but was in epoch ${known.epoch} before. The NATS store has lost data; nothing is written until it is repaired (spool log status says more).`
    return { life, behind: new LogBehind(highest, state.last_seq, why) }
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

function reasonNotToAppend({ behind, diverged }: ShardView): LogBehind | null {
  if (behind !== null) return behind
  return diverged !== null && performance.now() < diverged.untilMs ? diverged.error : null
}
