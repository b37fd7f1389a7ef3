import { PostgreSqlContainer } from '@testcontainers/postgresql'
import { freePort, postgresDatabase, postgresUser } from '@spool/dev'
import { acceptsConnections } from './accepts-connections.ts'
import { containerServer } from './container-server.ts'
import type { RunningPostgres, StartPostgresOptions } from './start-postgres.ts'

const image = 'postgres:18-alpine'
const postgresPort = 5432

export async function postgresFromContainer(options: StartPostgresOptions): Promise<RunningPostgres> {
  const port = options.port ?? (await freePort())
  const settings = Object.entries({ fsync: 'off', ...options.settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const container = await new PostgreSqlContainer(image)
    .withDatabase(postgresDatabase)
    .withUsername(postgresUser)
    // A fixed port: testcontainers' own choice changes when the container is started again.
    .withExposedPorts({ container: postgresPort, host: port })
    .withCommand(['postgres', ...settings])
    .start()
  const server = await containerServer(container, () => acceptsConnections(port, { silent: true }))
  return Object.assign(server, { url: container.getConnectionUri(), port, dataFolder: '/var/lib/postgresql' })
}
