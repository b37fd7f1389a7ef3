import { type Log, publishJob } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Database } from '../database/open-database.ts'
import { swept } from '../measuring/metrics.ts'
import type { Projector } from '../projecting/projector.ts'
import { pause } from '../retry-delay.ts'
import { type DueSession, dueSessions } from './due-sessions.ts'

const SWEEP_EVERY_MS = 1000
/** An event is stored some 50 ms after it was appended; a projection that needs longer than this is behind. */
const PATIENCE_MS = 1000

export interface SweeperOptions {
  log: Log
  database: Database
  projectors: readonly Projector[]
  /** How long an open run may be silent, and how often the same session is handed on. */
  idleMs: number
  logger: Logger
}

/**
 * Nothing hangs: what should have gone on and has not is handed to the orchestrator again. The step publishes what the
 * session's state calls for, which changes nothing where the job is there or its worker is alive.
 */
export class Sweeper {
  private readonly sweptAtMs = new Map<string, number>()

  constructor(private readonly options: SweeperOptions) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const projector of this.options.projectors) {
        await this.sweep(projector, signal).catch((error: unknown) => {
          this.options.logger.warn({ err: error, shard: projector.shard }, 'A sweep failed and is tried again')
        })
      }
      await pause(SWEEP_EVERY_MS, signal)
    }
  }

  /** Only by the copy that projects, and only when it is up to date: what looks silent may just not be stored yet. */
  private async sweep(projector: Projector, signal: AbortSignal): Promise<void> {
    const { log, database, idleMs } = this.options
    if (!(await projector.catchesUp(PATIENCE_MS, signal))) return
    this.forget()
    for (const due of await dueSessions(database.kysely, projector.shard, idleMs)) {
      if (!this.isTurn(due)) continue
      await publishJob(log, due, { kind: 'run', key: String(due.lastSeq) })
      this.sweptAtMs.set(keyOf(due), Date.now())
      swept.add(1, { reason: due.reason })
    }
  }

  private isTurn(due: DueSession): boolean {
    const last = this.sweptAtMs.get(keyOf(due))
    return last === undefined || Date.now() - last >= this.options.idleMs
  }

  private forget(): void {
    const now = Date.now()
    for (const [key, atMs] of this.sweptAtMs) if (now - atMs >= this.options.idleMs) this.sweptAtMs.delete(key)
  }
}

function keyOf({ tenant, session, reason }: DueSession): string {
  return `${reason} ${tenant}/${session}`
}
