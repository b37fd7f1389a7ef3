import { eventIdAt, firstFrom, fullness, type Log, logRoom, type LogRoom, purgeBefore, streamExtent } from '@spool/log'
import { type Checkpoint, type Database, readCheckpoint, storableId } from '@spool/store'
import type { Logger } from '@spool/telemetry'
import { purged } from '../measuring/metrics.ts'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'
import { oldestToKeep } from './oldest-to-keep.ts'
import { isTooFull, purgeEveryMs, roomyFrom } from './when-to-purge.ts'

const LOOK_EVERY_MS = 1000
/** A stream that is too small for its window fills up again and again. */
const SAY_AGAIN_MS = 3_600_000

export interface RetainerOptions {
  log: Log
  database: Database
  projectors: readonly Projector[]
  hotWindowMs: number
  logger: Logger
}

/**
 * Lets leave JetStream what is stored in Postgres and older than the hot window; where a stream runs full, what is
 * stored, the oldest first, whatever its age. So a stream can only be full of what is not stored yet. The copy that
 * projects does so; one that has lost its lock and does not know it purges nothing else, only the same twice.
 *
 * The event at the checkpoint stays: by its id a store that came back behind is told from the one that is stored, and
 * the purge cannot reach the stream's end, which it would move.
 */
export class Retainer {
  private readonly fill: number[]

  constructor(private readonly options: RetainerOptions) {
    this.fill = options.projectors.map(() => 0)
  }

  /** Of the fullest stream that this copy looks after: 0 to 1. */
  get fullest(): number {
    return Math.max(...this.fill)
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.options.projectors.map((projector, index) => this.runFor(projector, index, signal)))
  }

  private async runFor(projector: Projector, index: number, signal: AbortSignal): Promise<void> {
    const { log, logger, hotWindowMs } = this.options
    const { shard } = projector
    let dueAtMs = 0
    let saidAtMs = -Infinity
    for (; !signal.aborted; await pause(LOOK_EVERY_MS, signal)) {
      this.fill[index] = 0
      if (projector.role !== 'projecting') continue
      try {
        const room = await logRoom(log, shard)
        this.fill[index] = fullness(room)
        const nowMs = Date.now()
        if (isTooFull(room)) {
          if (nowMs - saidAtMs > SAY_AGAIN_MS) this.sayThatItIsFull(room, shard)
          saidAtMs = nowMs
          await this.purge(shard, room, 'pressure', () => Promise.resolve(roomyFrom(room)))
        } else if (nowMs >= dueAtMs) {
          dueAtMs = nowMs + purgeEveryMs(hotWindowMs)
          await this.purge(shard, room, 'window', (before) =>
            oldestToKeep((seq) => firstFrom(log, shard, seq), room.firstSeq, before, nowMs - hotWindowMs),
          )
        }
      } catch (error) {
        logger.warn({ err: error, shard }, 'What is stored could not be removed from NATS yet; tried again')
      }
    }
  }

  /** @param keepFrom given the position of the checkpoint: the first position to stay */
  private async purge(
    shard: number,
    room: LogRoom,
    reason: 'window' | 'pressure',
    keepFrom: (before: number) => Promise<number>,
  ): Promise<void> {
    const { log, database } = this.options
    // As it is committed, not as the projector has it in mind.
    const checkpoint = await readCheckpoint(database.kysely, shard)
    const seq = Math.min(await keepFrom(checkpoint.seq), checkpoint.seq)
    if (seq <= room.firstSeq || !(await this.isStoredLog(shard, checkpoint))) return
    purged.add(await purgeBefore(log, shard, room.firstSeq, seq), { reason })
  }

  /**
   * Looked at right before the purge: another life of the stream has other events at these positions. Where the event
   * of the checkpoint is gone with its session, the next one will tell.
   */
  private async isStoredLog(shard: number, checkpoint: Checkpoint): Promise<boolean> {
    const { log } = this.options
    const { epoch, lastSeq } = await streamExtent(log, shard)
    if (epoch !== checkpoint.epoch || lastSeq < checkpoint.seq) return false
    const id = await eventIdAt(log, shard, checkpoint.seq)
    return id !== null && storableId(id) === checkpoint.id
  }

  private sayThatItIsFull(room: LogRoom, shard: number): void {
    const { bytes, maxBytes } = room
    this.options.logger.warn(
      { shard, bytes, max_bytes: maxBytes },
      'A stream of the log runs full: what is stored leaves it before its time. Give it more room (SPOOL_LOG_MAX_BYTES), or shorten SPOOL_HOT_WINDOW_MS',
    )
  }
}
