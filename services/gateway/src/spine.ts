import { ArchiveOverNats, Bus, Hub, KeyWatch, Log, Queries } from '@spool/log'
import type { Config } from './config.ts'

/** What the gateway stands on. */
export interface Spine {
  readonly bus: Bus
  readonly log: Log
  readonly hub: Hub
  readonly queries: Queries
  readonly keys: KeyWatch
}

/** Waits for NATS; refuses a deployment that does not fit the settings. */
export async function openSpine(config: Config): Promise<Spine> {
  const bus = await Bus.connect({ servers: config.NATS_URL.join(','), name: config.SPOOL_INSTANCE })
  try {
    const queries = new Queries(bus)
    const log = await Log.open(bus, new ArchiveOverNats(queries), config.SPOOL_SHARDS)
    // Not awaited: a gateway also serves while persistence is away.
    log.askArchive(() => log.horizon.askArchive()).catch(() => undefined)
    return { bus, log, queries, hub: new Hub(log), keys: KeyWatch.open(bus) }
  } catch (error) {
    await bus.close()
    throw error
  }
}

export async function closeSpine({ bus, hub, keys }: Spine): Promise<void> {
  keys.close()
  hub.close()
  await bus.close()
}
