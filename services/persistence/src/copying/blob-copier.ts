import { BlobBroken, Blobs, type Log } from '@spool/log'
import {
  type BlobRef,
  blobsToCopy,
  blobsToLeave,
  copyBlob,
  type Database,
  markBlobLeft,
  markBlobLost,
} from '@spool/store'
import type { Logger } from '@spool/telemetry'
import { blobs as copied } from '../measuring/metrics.ts'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'

const LOOK_EVERY_MS = 1000
const AT_ONCE = 20

export interface BlobCopierOptions {
  log: Log
  database: Database
  projectors: readonly Projector[]
  /** What is copied and was named longer ago than this leaves NATS, as events do. */
  hotWindowMs: number
  logger: Logger
}

/**
 * Copies the blobs that stored events name into Postgres, and lets those that are old leave NATS. Beside the
 * projection, not within it: what is large never waits in front of an event. Only the copy that projects does so; two
 * that do by mistake change nothing by it.
 */
export class BlobCopier {
  private readonly blobs: Blobs

  constructor(private readonly options: BlobCopierOptions) {
    this.blobs = new Blobs(options.log.bus)
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.options.projectors.map((projector) => this.runFor(projector, signal)))
  }

  private async runFor(projector: Projector, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      let more = false
      try {
        if (projector.role === 'projecting') more = await this.look(projector.shard, signal)
      } catch (error) {
        this.options.logger.warn({ err: error, shard: projector.shard }, 'Blobs could not be copied; tried again')
      }
      if (!more) await pause(LOOK_EVERY_MS, signal)
    }
  }

  /** Whether there may be more to do. */
  private async look(shard: number, signal: AbortSignal): Promise<boolean> {
    const { kysely } = this.options.database
    const named = await blobsToCopy(kysely, shard, AT_ONCE)
    for (const ref of named) {
      if (signal.aborted) return false
      await this.copy(ref)
    }
    const old = await blobsToLeave(kysely, shard, new Date(Date.now() - this.options.hotWindowMs), AT_ONCE)
    for (const ref of old) {
      if (signal.aborted) return false
      await this.blobs.leave(ref, ref.id)
      await markBlobLeft(kysely, ref)
    }
    return named.length === AT_ONCE || old.length === AT_ONCE
  }

  /** It was whole before an event named it: what is not there now is lost, and no waiting brings it back. */
  private async copy(ref: BlobRef): Promise<void> {
    const { database, logger } = this.options
    const { tenant, session, id } = ref
    try {
      const blob = await this.blobs.open(ref, id)
      if (blob !== null) {
        await copyBlob(database.kysely, ref, blob)
        copied.add(1, { outcome: 'copied' })
        return
      }
    } catch (error) {
      if (!(error instanceof BlobBroken)) throw error
    }
    if (!(await markBlobLost(database.kysely, ref))) return
    copied.add(1, { outcome: 'lost' })
    logger.error({ tenant, session, blob: id }, 'NATS has lost a blob before it was copied; nobody can read it again')
  }
}
