import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ArchiveOverNats, Bus, Log, Queries } from '@spool/log'
import type { SpoolUnderTest } from '@spool/testing'

/** The stores of a running Spool, and its log, over a connection of the test's own. */
export async function openRunning(spool: SpoolUnderTest) {
  const { natsUrl, databaseUrl } = JSON.parse(
    readFileSync(join(spool.dataFolder, 'run', 'connections.json'), 'utf8'),
  ) as { natsUrl: string; databaseUrl: string }
  const bus = await Bus.connect({ servers: natsUrl, name: 'test' })
  const queries = new Queries(bus)
  const log = await Log.open(bus, new ArchiveOverNats(queries))
  return { natsUrl, databaseUrl, bus, log, queries }
}
