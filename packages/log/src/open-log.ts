import { ArchiveOverNats } from './archive/archive-over-nats.ts'
import { Queries } from './archive/queries.ts'
import { Bus } from './connecting/bus.ts'
import { busReadiness, type Readiness } from './connecting/readiness.ts'
import type { BusForbids, LogFull } from './errors.ts'
import { Log } from './log.ts'

/** Longer than persistence takes to start. Without it all goes on, on what this process sees by itself. */
const HEIGHTS_WITHIN_MS = 5000

export interface OpenedLog {
  readonly bus: Bus
  readonly queries: Queries
  readonly log: Log
}

/**
 * What a service that reads and appends stands on. Waits for NATS for as long as it takes; throws where the deployment
 * is not there or another than configured.
 */
export async function openLog(options: {
  servers: readonly string[]
  name: string
  shards: number
  /** Told when appends wait in front of a full stream, at most once a minute. */
  onFull?: (error: LogFull) => void
  /** Told what NATS does not let this process do. */
  onForbidden?: (error: BusForbids) => void
}): Promise<OpenedLog> {
  const { servers, name, onForbidden } = options
  const bus = await Bus.connect({ servers: servers.join(','), name, onForbidden })
  try {
    const queries = new Queries(bus)
    const log = await Log.open(bus, new ArchiveOverNats(queries), options.shards)
    if (options.onFull !== undefined) log.onFull = onceAMinute(options.onFull)
    // Persistence may be away. It ends without an answer where this process ends before that is there.
    const told = log.askArchive(() => log.horizon.askArchive())
    told.catch(() => undefined)
    log.horizon.waitFor(told, HEIGHTS_WITHIN_MS)
    return { bus, queries, log }
  } catch (error) {
    await bus.close()
    throw error
  }
}

/** Everybody waits in front of a full stream, again and again. */
function onceAMinute(tell: (error: LogFull) => void): (error: LogFull) => void {
  let lastMs = -Infinity
  return (error) => {
    if (performance.now() - lastMs < 60_000) return
    lastMs = performance.now()
    tell(error)
  }
}

/** A process that knows of positions which the store has lost may not write: it is not ready. */
export function readinessOf({ bus, horizon }: Log): Readiness {
  if (bus.deafTo !== null) return busReadiness(bus)
  return horizon.behind === null ? { ok: true } : { ok: false, detail: horizon.behind.message }
}
