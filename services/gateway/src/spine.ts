import { type Bus, Hub, KeyWatch, type Log, type Queries, openLog } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Config } from './config.ts'

/** What the gateway stands on. */
export interface Spine {
  readonly bus: Bus
  readonly log: Log
  readonly hub: Hub
  readonly queries: Queries
  readonly keys: KeyWatch
}

export async function openSpine(config: Config, logger: Logger): Promise<Spine> {
  const { NATS_URL: servers, SPOOL_INSTANCE: name, SPOOL_SHARDS: shards } = config
  const { bus, queries, log } = await openLog({
    servers,
    name,
    shards,
    onForbidden: ({ message }) => logger.error(message),
  })
  return { bus, log, queries, hub: new Hub(log), keys: KeyWatch.open(bus) }
}

export async function closeSpine({ bus, hub, keys }: Spine): Promise<void> {
  keys.close()
  hub.close()
  await bus.close()
}
