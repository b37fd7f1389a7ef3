import { firstFrom, fullness, type Log, logRoom, type LogRoom } from '@spool/log'
import type { Database } from '@spool/store'
import type { Logger } from '@spool/telemetry'
import { purged } from '../measuring/metrics.ts'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'
import { oldestToKeep } from './oldest-to-keep.ts'
import { purgeStored } from './purge-stored.ts'
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
    const { log, database, logger, hotWindowMs } = this.options
    const { shard } = projector
    const place = { log, kysely: database.kysely, shard }
    let dueAtMs = 0
    let tooFullAtMs = -Infinity
    for (; !signal.aborted; await pause(LOOK_EVERY_MS, signal)) {
      this.fill[index] = 0
      if (projector.role !== 'projecting' || !log.bus.connected) continue
      try {
        const room = await logRoom(log, shard)
        const nowMs = Date.now()
        this.fill[index] = fullness(room)
        if (isTooFull(room)) {
          if (nowMs - tooFullAtMs > SAY_AGAIN_MS) this.sayThatItIsFull(room, shard)
          tooFullAtMs = nowMs
          purged.add(await purgeStored(place, room.firstSeq, () => roomyFrom(room)), { reason: 'pressure' })
        } else if (nowMs >= dueAtMs) {
          dueAtMs = nowMs + purgeEveryMs(hotWindowMs)
          const tooYoungFrom = (checkpoint: number) =>
            oldestToKeep((seq) => firstFrom(log, shard, seq), room.firstSeq, checkpoint, nowMs - hotWindowMs)
          purged.add(await purgeStored(place, room.firstSeq, tooYoungFrom), { reason: 'window' })
        }
      } catch (error) {
        logger.warn({ err: error, shard }, 'What is stored could not be removed from NATS yet; tried again')
      }
    }
  }

  private sayThatItIsFull({ bytes, maxBytes }: LogRoom, shard: number): void {
    this.options.logger.warn(
      { shard, bytes, max_bytes: maxBytes },
      'A stream of the log runs full: what is stored leaves it before its time. Give it more room (SPOOL_LOG_MAX_BYTES), or shorten SPOOL_HOT_WINDOW_MS',
    )
  }
}
