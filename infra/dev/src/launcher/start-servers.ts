import type { ServersFolder } from '../folders/servers-folder.ts'
import type { LaunchContext } from './launch-context.ts'
import { startOwnNats } from './own-nats.ts'
import { startOwnPostgres } from './own-postgres.ts'
import type { Plan } from './plan.ts'
import type { Ports } from './ports.ts'
import { runScript } from './run-script.ts'
import { READER } from '../nats/nats-table.ts'
import { commonEnvironment, type Servers } from './service-environment.ts'

/** NATS and Postgres, each prepared as soon as it runs. */
export async function startServers(
  context: LaunchContext,
  plan: Plan,
  folder: ServersFolder | undefined,
  key: string,
): Promise<{ servers: Servers; readerUrl: string | undefined; ports: Ports }> {
  const { settings } = context
  const ports: Ports = { metrics: {} }
  const cwd = plan.root
  const common = (natsUrl: string) => commonEnvironment(plan, settings, { natsUrl, databaseUrl: '' })
  const bus = async () => {
    const nats = settings.natsUrl === undefined ? await startOwnNats(context, folder!) : undefined
    if (nats) ports['nats'] = nats.port
    const natsUrl = nats?.url ?? settings.natsUrl!
    const env = { ...common(natsUrl), SPOOL_DEV_KEY: key }
    if (plan.provision) {
      // What it writes although it worked is what it could not do as it was asked.
      const remarks = await runScript(context, 'streams and buckets', plan.provision, { cwd, env })
      if (remarks !== '') context.output.warn(remarks)
    }
    return { natsUrl, natsUrlOf: nats?.urlOf }
  }
  const database = async () => {
    const postgres = settings.databaseUrl === undefined ? await startOwnPostgres(context, folder!) : undefined
    if (postgres) ports['postgres'] = postgres.port
    const databaseUrl = postgres?.url ?? settings.databaseUrl!
    const env = { ...common(''), DATABASE_URL: databaseUrl }
    if (plan.migrate) await runScript(context, 'tables', plan.migrate, { cwd, env })
    return databaseUrl
  }
  const [{ natsUrl, natsUrlOf }, databaseUrl] = await Promise.all([context.beside(bus()), context.beside(database())])
  return { servers: { natsUrl, natsUrlOf, databaseUrl }, readerUrl: natsUrlOf?.(READER), ports }
}
