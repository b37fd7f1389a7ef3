import { freePort, natsVersion } from '@spool/dev'
import { GenericContainer, Wait } from 'testcontainers'
import { acceptsConnections } from './accepts-connections.ts'
import { containerServer } from './container-server.ts'
import type { RunningNats, StartNatsOptions } from './start-nats.ts'

const defaultVersion = '2.14.5'
const dataFolder = '/data'
const configFile = '/etc/spool-nats.conf'
const natsPort = 4222

/** The same server out of its image. A binary that is asked for stands for the image of its version. */
export async function natsFromContainer(options: StartNatsOptions): Promise<RunningNats> {
  const version = (options.binary && (await natsVersion(options.binary))) || defaultVersion
  const port = options.port ?? (await freePort())
  const name = options.name ?? `test-${port}`
  const config = [
    `jetstream: { store_dir: "${dataFolder}"${options.sync === 'always' ? ', sync_interval: always' : ''} }`,
    options.maxPayload === undefined ? '' : `max_payload: ${options.maxPayload}`,
    options.config ?? '',
  ]
  // Not the ready-made NatsContainer: it insists on a user and a password, which our services have no setting for.
  const container = await new GenericContainer(`nats:${version}`)
    // A fixed port: testcontainers' own choice changes when the container is started again.
    .withExposedPorts({ container: natsPort, host: port })
    .withCopyContentToContainer([{ content: config.join('\n'), target: configFile }])
    .withCommand(['-c', configFile, '--name', name])
    .withWaitStrategy(Wait.forLogMessage(/Server is ready/))
    .start()
  const server = await containerServer(container, () => acceptsConnections(port, { silent: false }))
  return Object.assign(server, { name, url: `nats://127.0.0.1:${port}`, port, version, dataFolder })
}
