import {
  announceDiverged,
  deleteEvent,
  eraseContent,
  type Log,
  mayPass,
  readStream,
  type SessionRef,
  shardOf,
  type StreamedEvent,
  streamExtent,
} from '@spool/log'
import type { Logger } from '@spool/telemetry'
import {
  type Checkpoint,
  CheckpointMoved,
  erasedSessions,
  isUnreachable,
  LogDiverged,
  lookAtLog,
  type LookAtLog,
  markDiverged,
  moveCheckpoint,
  PositionTaken,
  readCheckpoint,
  SnapshotsRebuilt,
} from '@spool/store'
import { traceBatch } from '../measuring/trace-batch.ts'
import { pause, retryDelay } from '../retry-delay.ts'
import { Backlog } from './backlog.ts'
import { BatchStore } from './batch-store.ts'
import { type HeldShard, holdShard } from './shard-lock.ts'

const BATCH_EVENTS = 1000
const BATCH_MS = 50
const BATCH_BYTES = 8 * 1024 ** 2
/** How often a log that is not the stored one is looked at again: somebody may have repaired it. */
const LOOK_AGAIN_MS = 2000
const TRY_NATS_AGAIN_MS = 250

export type ProjectorRole = 'starting' | 'standby' | 'projecting' | 'diverged'

export interface ProjectorOptions {
  log: Log
  logger: Logger
  databaseUrl: string
  /** How long it may say nothing to Postgres before another copy may take over. */
  leaseMs: number
  instance: string
  shard: number
  /** Told after each transaction. */
  onStored: (shard: number, seq: number) => void
}

/**
 * Brings one shard of the log into Postgres. Of all copies of the service the one that holds the shard's lock does it,
 * over that very connection; whatever goes wrong there, it begins again from the checkpoint.
 */
export class Projector {
  role: ProjectorRole = 'starting'
  /** Why it does not project, where it is 'diverged'. */
  diverged: Error | null = null
  private backlog: Backlog<StreamedEvent> | null = null
  private storing: StreamedEvent | undefined
  private position = 0
  /** Since when it does not project. */
  private stoppedAtMs = Date.now()

  constructor(private readonly options: ProjectorOptions) {}

  get shard(): number {
    return this.options.shard
  }

  /**
   * Age of the oldest event that was read and is not stored yet. While this copy cannot tell what there is to store
   * (Postgres is away, the log is another one), for how long that has been so. A copy that stands by lags in nothing.
   */
  get lagMs(): number {
    if (this.role === 'standby') return 0
    if (this.role !== 'projecting') return Date.now() - this.stoppedAtMs
    const oldest = this.storing ?? this.backlog?.first
    return oldest === undefined ? 0 : Math.max(0, Date.now() - oldest.storedAtMs)
  }

  /**
   * Whether this copy projects and has stored all that the log held at the time of the call; waits a moment for it.
   * While anybody writes, the log's end itself is always a little ahead.
   */
  async catchesUp(patienceMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.role !== 'projecting') return false
    const { lastSeq } = await streamExtent(this.options.log, this.shard)
    const giveUpAtMs = Date.now() + patienceMs
    while (this.position < lastSeq && Date.now() < giveUpAtMs && !signal.aborted) await pause(25, signal)
    return this.role === 'projecting' && this.position >= lastSeq
  }

  /** Ends when the signal is aborted, with the batch that is under way. */
  async run(signal: AbortSignal): Promise<void> {
    for (let attempt = 0; !signal.aborted; attempt++) {
      const startedMs = Date.now()
      try {
        await this.holdAndProject(signal)
      } catch (error) {
        if (signal.aborted) break
        this.report(error)
      }
      if (this.role !== 'diverged') this.stopAs('starting')
      if (Date.now() - startedMs > 5000) attempt = 0
      await retryDelay(attempt, signal)
    }
  }

  private async holdAndProject(signal: AbortSignal): Promise<void> {
    const { databaseUrl, instance, leaseMs, shard, logger } = this.options
    const held = await holdShard({
      url: databaseUrl,
      name: `${instance} shard ${shard}`,
      shard,
      leaseMs,
      signal,
      onStandby: () => {
        this.role = 'standby'
        this.diverged = null
      },
    })
    try {
      logger.info({ shard }, 'Projecting')
      const stop = AbortSignal.any([signal, held.lost])
      while (!stop.aborted) await this.projectUntilReconnect(held, stop)
      if (!signal.aborted) logger.warn({ err: held.lost.reason, shard }, 'Lost the lock and asks for it again')
    } finally {
      await held.release()
    }
  }

  /** One life of the NATS connection: look whether the log is the one that is stored, then read on. */
  private async projectUntilReconnect(held: HeldShard, signal: AbortSignal): Promise<void> {
    const { log, shard, onStored } = this.options
    const stored = await readCheckpoint(held.kysely, shard)
    // A stream that ends before it gets no appends from this process either.
    log.horizon.saw(shard, stored.seq)
    const look = await this.lookAtLog(held, stored)
    if (look === null) return pause(TRY_NATS_AGAIN_MS, signal)
    const { start, stream } = look
    const { epoch } = stream
    if (start instanceof LogDiverged) return this.waitForRepair(held, start, signal)
    await markDiverged(held.kysely, shard, null)
    const checkpoint = await this.enterEpoch(held, stored, { epoch, seq: start.after })
    this.role = 'projecting'
    this.diverged = null
    this.position = checkpoint.seq

    const store = new BatchStore(
      held.kysely,
      shard,
      checkpoint,
      (ref, seq) => this.eraseContent(ref, seq),
      (seq) => this.dropRefused(seq),
    )
    const backlog = new Backlog<StreamedEvent>({
      batchSize: BATCH_EVENTS,
      lingerMs: BATCH_MS,
      batchWeight: BATCH_BYTES,
      weigh: (event) => event.stored.body.length,
    })
    this.backlog = backlog
    const reading = new AbortController()
    const filled = backlog.readFrom(
      readStream(log, shard, epoch, start.after, AbortSignal.any([signal, reading.signal])),
    )
    const stop = () => backlog.stop()
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    try {
      for (let batch = await backlog.take(); batch !== null && !signal.aborted; batch = await backlog.take()) {
        this.storing = batch[0]
        await this.storePatiently(store, batch, signal)
        this.storing = undefined
        this.position = store.position.seq
        onStored(shard, this.position)
      }
    } catch (error) {
      // To go on is to read the checkpoint again, and all that is remembered of sessions.
      if (error instanceof SnapshotsRebuilt) return
      if (!(error instanceof PositionTaken)) throw error
      await this.waitForRepair(held, error, signal)
    } finally {
      signal.removeEventListener('abort', stop)
      reading.abort()
      backlog.stop()
      await filled
      this.backlog = null
      this.storing = undefined
    }
  }

  /** `null`: NATS does not answer yet. The lock is kept: nobody else could do better. */
  private async lookAtLog({ kysely }: HeldShard, checkpoint: Checkpoint): Promise<LookAtLog | null> {
    const { log, logger, shard } = this.options
    try {
      return await lookAtLog(kysely, log, shard, checkpoint)
    } catch (error) {
      logger.warn({ err: error, shard }, 'The log cannot be looked at yet')
      return null
    }
  }

  /**
   * Between the end of one epoch and the beginning of the next there is nothing: all of that is stored. Whoever asks for
   * a position that was lost there is not made to wait for it.
   */
  private async enterEpoch({ kysely }: HeldShard, stored: Checkpoint, begin: { epoch: number; seq: number }) {
    if (stored.seq === 0 || begin.epoch <= stored.epoch) return stored
    const { logger, onStored, shard } = this.options
    await this.eraseAgain(kysely)
    const entered: Checkpoint = { ...stored, ...begin, id: '' }
    await moveCheckpoint(kysely, shard, stored, entered)
    logger.info({ shard, ...begin }, 'The log has begun a new epoch')
    onStored(shard, begin.seq)
    return entered
  }

  /** An old disk may have brought back what lay beside the log of sessions that were erased since. */
  private async eraseAgain(kysely: HeldShard['kysely']): Promise<void> {
    const { log, shard } = this.options
    for await (const { tenant, session, seq } of erasedSessions(kysely)) {
      const ref = { tenant, session }
      if (shardOf(ref, log.subjects.shards) === shard) await this.eraseContent(ref, seq)
    }
  }

  /** A batch that fails is tried again in place: nothing after it may be stored before it. */
  private async storePatiently(store: BatchStore, batch: readonly StreamedEvent[], signal: AbortSignal): Promise<void> {
    const { shard, logger } = this.options
    // A part of a batch may be through when the rest fails.
    for (let rest = batch, attempt = 0; rest.length > 0 && !signal.aborted; attempt++) {
      try {
        await traceBatch(rest, () => store.store(rest))
        return
      } catch (error) {
        const beginsAgain =
          error instanceof PositionTaken || error instanceof CheckpointMoved || error instanceof SnapshotsRebuilt
        if (beginsAgain || isUnreachable(error)) throw error
        logger.warn({ err: error, shard, events: rest.length }, 'A batch was not stored and is tried again')
        await retryDelay(attempt, signal)
        const { seq } = store.position
        rest = rest.filter((event) => event.stored.seq > seq)
      }
    }
  }

  /** Whoever asked for it does the same, unless it died: this is the one who does it for sure. */
  private eraseContent(ref: SessionRef, seq: number): Promise<void> {
    return this.removing(ref, eraseContent(this.options.log, ref, seq))
  }

  /** Else its session would begin again for whoever reads it there, once the event that fences it has left. */
  private dropRefused(seq: number): Promise<void> {
    const { log, shard } = this.options
    return this.removing({ shard, seq }, deleteEvent(log, shard, seq))
  }

  private async removing(what: object, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      if (mayPass(error)) throw error
      // What the bus refuses for good must not hold up all other sessions.
      this.options.logger.error({ err: error, ...what }, 'What NATS holds of an erased session could not be removed')
    }
  }

  private async waitForRepair(held: HeldShard, error: Error, signal: AbortSignal): Promise<void> {
    if (this.diverged?.message !== error.message) {
      this.options.logger.error({ err: error, shard: this.shard }, 'The log is not the one that is stored')
    }
    this.stopAs('diverged')
    this.diverged = error
    announceDiverged(this.options.log.bus, this.shard, error.message)
    await markDiverged(held.kysely, this.shard, error.message)
    await pause(LOOK_AGAIN_MS, signal)
  }

  private stopAs(role: 'starting' | 'diverged'): void {
    if (this.role === 'projecting') this.stoppedAtMs = Date.now()
    this.role = role
  }

  private report(error: unknown): void {
    const { logger, shard } = this.options
    if (isUnreachable(error)) logger.warn({ err: error, shard }, 'Postgres is away; projecting goes on when it is back')
    else logger.error({ err: error, shard }, 'Projecting failed and begins again from the checkpoint')
  }
}
