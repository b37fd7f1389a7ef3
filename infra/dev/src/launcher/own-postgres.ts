import { join } from 'node:path'
import type { ServersFolder } from '../folders/servers-folder.ts'
import { onAFreePort } from '../on-a-free-port.ts'
import { postgresDatabase, postgresUser } from '../postgres/init-postgres.ts'
import { fastShutdown, startPostgresProcess } from '../postgres/postgres-process.ts'
import { postgresPrograms } from '../postgres/postgres-programs.ts'
import { setUpPostgres } from '../postgres/set-up-postgres.ts'
import { sharedPostgresSettings } from '../postgres/shared-postgres-settings.ts'
import { explainFullDisk } from './data-folder.ts'
import type { LaunchContext } from './launch-context.ts'

/** Sets Postgres up at the first start and keeps it running, on the same port from then on. */
export async function startOwnPostgres(
  context: LaunchContext,
  { path, user }: ServersFolder,
): Promise<{ url: string; port: number }> {
  const { output, reaper } = context
  const since = performance.now()
  const dataFolder = join(path, 'postgres')
  const log = context.serverLog('postgres')
  const settings = sharedPostgresSettings()
  const programs = await postgresPrograms(user)
  let known: number | undefined
  const postgres = context.supervise({
    name: 'postgres',
    endWith: fastShutdown,
    start: async (started, signal) => {
      const { server, port } = await onAFreePort(known, (free) =>
        startPostgresProcess({
          programs,
          dataFolder,
          port: free,
          settings,
          user,
          reaper,
          onLine: log.write,
          started: (child) => {
            started(child)
            child.letOthersGoFirst()
          },
          signal,
        }),
      )
      known = port
      return server
    },
  })
  await setUpPostgres(programs, dataFolder, user, context.closing)
    .then(() => postgres.start())
    .catch((error) => {
      throw explainFullDisk(error, path)
    })
  output.done(`Postgres ${programs.version.split('-', 1)[0]}`, performance.now() - since)
  return { url: `postgres://${postgresUser}@127.0.0.1:${known}/${postgresDatabase}`, port: known! }
}
