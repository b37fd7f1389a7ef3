import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  copyPostgresTemplate,
  immediateShutdown,
  onAFreePort,
  postgresDatabase,
  postgresPrograms,
  postgresUser,
  startPostgresProcess,
  unprivilegedUser,
} from '@spool/dev'

import { postgresFromContainer } from './postgres-from-container.ts'
import { scratchOfThisProcess, serverFolder } from './scratch.ts'
import { type TestServer, testServer } from './test-server.ts'
import { testsUseContainers } from './tests-use-containers.ts'

export interface RunningPostgres extends TestServer {
  /** A connection string for the one empty database. */
  readonly url: string
  readonly port: number
  readonly dataFolder: string
}

export interface StartPostgresOptions {
  /** Default: a free one. */
  port?: number
  /** More of the server's settings, e.g. `{ max_connections: '20' }`. */
  settings?: Readonly<Record<string, string>>
}

/**
 * For tests only: what was committed survives the death of any process, not the loss of power. Without
 * `synchronous_commit` a killed server would forget the last half second.
 */
const fastAndForgetful = { fsync: 'off', full_page_writes: 'off', shared_buffers: '32MB' }

/** A real Postgres with one empty database. */
export async function startPostgres(options: StartPostgresOptions = {}): Promise<RunningPostgres> {
  if (testsUseContainers()) return postgresFromContainer(options)
  const user = unprivilegedUser()
  const programs = await postgresPrograms(user)
  const folder = serverFolder('postgres')
  const dataFolder = join(folder, 'data')
  await copyPostgresTemplate(programs, dataFolder, user)
  const settings = { ...fastAndForgetful, ...options.settings }
  const { reaper } = scratchOfThisProcess()
  const start = (port: number) => startPostgresProcess({ programs, dataFolder, port, settings, user, reaper })
  const { server: child, port } = await onAFreePort(options.port, start)
  const server = testServer({
    child,
    start: () => start(port),
    endWith: immediateShutdown,
    deleteData: () => rmSync(folder, { recursive: true, force: true }),
  })
  return Object.assign(server, {
    url: `postgres://${postgresUser}@127.0.0.1:${port}/${postgresDatabase}`,
    port,
    dataFolder,
  })
}
