import { type Log, publishJob } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Database } from '@spool/store'
import { swept } from '../measuring/metrics.ts'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'
import { type DueWork, overdue, standing } from './due-work.ts'
import { Hearing } from './hearing.ts'
import { Turns } from './turns.ts'

const SWEEP_EVERY_MS = 1000
/** Until this copy projects: what fell due while nobody did waits no longer than it has to. */
const LOOK_EVERY_MS = 100
/** An event is stored some 50 ms after it was appended; a projection that needs longer than this is behind. */
const PATIENCE_MS = 1000

export interface SweeperOptions {
  log: Log
  database: Database
  projectors: readonly Projector[]
  /** How long an open run may be silent, and how often the same session is handed on. */
  idleMs: number
  /** How long a producer may be silent. */
  silentMs: number
  logger: Logger
}

/** `null`: cannot be said now. */
type Look = (projector: Projector) => Promise<DueWork[] | null>

/**
 * Nothing hangs: what should have gone on and has not is handed to the orchestrator again. The step publishes what the
 * session's state calls for, which changes nothing where the job is there or its worker is alive. Only the copy that
 * projects does so.
 */
export class Sweeper {
  constructor(private readonly options: SweeperOptions) {}

  /** What the clock says is true also where the latest events are not stored yet, and must not wait for them. */
  async run(signal: AbortSignal): Promise<void> {
    const { database, projectors, idleMs, silentMs } = this.options
    const sweeps = projectors.flatMap((projector) => [
      this.sweep(projector, ({ shard }) => overdue(database.kysely, shard), signal),
      this.sweep(
        projector,
        // What looks silent may just not be stored yet.
        async ({ shard }) =>
          (await projector.catchesUp(PATIENCE_MS, signal))
            ? standing(database.kysely, shard, { idleMs, silentMs })
            : null,
        signal,
      ),
    ])
    await Promise.all(sweeps)
  }

  private async sweep(projector: Projector, look: Look, signal: AbortSignal): Promise<void> {
    const { log, idleMs, silentMs } = this.options
    const turns = new Turns(idleMs)
    const hearing = new Hearing(silentMs, performance.now())
    while (!signal.aborted) {
      const isProjecting = projector.role === 'projecting'
      if (!isProjecting || !log.bus.connected) hearing.broken(performance.now())
      try {
        const due = isProjecting ? await look(projector) : null
        await this.handOn(turns, due && hearing.fair(due, performance.now()))
      } catch (error) {
        hearing.broken(performance.now())
        this.options.logger.warn({ err: error, shard: projector.shard }, 'A sweep failed and is tried again')
      }
      await pause(isProjecting ? SWEEP_EVERY_MS : LOOK_EVERY_MS, signal)
    }
  }

  private async handOn(turns: Turns, due: readonly DueWork[] | null): Promise<void> {
    if (due === null) return
    for (const work of turns.of(due, Date.now())) {
      await publishJob(this.options.log, work, { kind: 'run', key: String(work.key) })
      turns.handedOn(work, Date.now())
      swept.add(1, { reason: work.reason })
    }
  }
}
