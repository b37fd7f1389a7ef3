import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  findNats,
  type NatsConfig,
  type NatsProgram,
  natsVersion,
  onAFreePort,
  startNatsProcess,
  unprivilegedUser,
} from '@spool/dev'
import { natsFromContainer } from './nats-from-container.ts'

import { ownedByServers, scratchOfThisProcess, serverFolder } from './scratch.ts'
import { type TestServer, testServer } from './test-server.ts'
import { testsUseContainers } from './tests-use-containers.ts'

export interface RunningNats extends TestServer {
  readonly name: string
  readonly url: string
  readonly port: number
  readonly version: string
  readonly dataFolder: string
}

export interface StartNatsOptions {
  /** Path of the nats-server to run. Default: the one `npm start` would take. */
  binary?: string | undefined
  /** More of the server's configuration, in its own language. */
  config?: string
  /** Default: a new one. One that is given is left in place by `stop`. */
  dataFolder?: string
  /** Default: a free one. */
  port?: number
  maxPayload?: number
  sync?: NatsConfig['sync']
  name?: string
  cluster?: NatsConfig['cluster']
}

/** A real nats-server with JetStream. */
export async function startNats(options: StartNatsOptions = {}): Promise<RunningNats> {
  return testsUseContainers() ? natsFromContainer(options) : natsFromBinary(options)
}

export async function natsFromBinary(options: StartNatsOptions): Promise<RunningNats> {
  const program = await programOf(options.binary)
  const folder = serverFolder('nats')
  const dataFolder = options.dataFolder ?? join(folder, 'data')
  ownedByServers(dataFolder)
  const nameOn = (port: number) => options.name ?? `test-${port}`
  const start = (port: number) => {
    const config: NatsConfig = {
      name: nameOn(port),
      port,
      dataFolder,
      maxPayloadBytes: options.maxPayload,
      sync: options.sync,
      cluster: options.cluster,
      extra: options.config,
    }
    const { reaper } = scratchOfThisProcess()
    return startNatsProcess({
      program,
      config,
      configFile: join(folder, 'nats.conf'),
      user: unprivilegedUser(),
      reaper,
    })
  }
  const { server: child, port } = await onAFreePort(options.port, start)
  const server = testServer({
    child,
    start: () => start(port),
    endWith: 'SIGKILL',
    deleteData: () => rmSync(folder, { recursive: true, force: true }),
  })
  const { version } = program
  return Object.assign(server, { name: nameOn(port), url: `nats://127.0.0.1:${port}`, port, version, dataFolder })
}

async function programOf(binary: string | undefined): Promise<NatsProgram> {
  if (binary === undefined) return findNats()
  const version = await natsVersion(binary)
  if (version === undefined) throw new Error(`${binary} is no nats-server that runs here.`)
  return { kind: 'binary', binary, version, origin: 'given by the test' }
}
