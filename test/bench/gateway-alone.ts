import { draft, encodeEvent, newId } from '@spool/events'
import { ArchiveOverNats, Bus, ChainWriter, grantKey, Log, provision, Queries, type SessionRef } from '@spool/log'
import { type RunningNats, startNats } from '@spool/testing'
import { garbageFlags } from '../../infra/dev/src/launcher/garbage-flags.ts'
import { ServerProcess } from './server-process.ts'

const GATEWAY = new URL('../../services/gateway/dist/main.js', import.meta.url)
const KEY = 'key-of-the-bench'

/** One gateway as `npm start` starts it, over a NATS, and nothing else: whoever measures it writes the events. */
export interface GatewayAlone {
  readonly key: string
  readonly log: Log
  readonly gateway: ServerProcess
  readonly nats: RunningNats
  /** A new session, with one event. */
  session(name: string): Promise<ChainWriter>
  /** Kills the gateway; another one is at the same address. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function startGatewayAlone(env: Readonly<Record<string, string>> = {}): Promise<GatewayAlone> {
  const nats = await startNats()
  const bus = await Bus.connect({ servers: nats.url, name: 'bench' })
  await provision(bus, { logMaxBytes: 1024 ** 3 })
  await grantKey(bus, KEY, 'default', 'bench')
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), 1)
  const start = (port: number | string) => {
    const settings = { NATS_URL: nats.url, PORT: String(port), METRICS_PORT: '0', ...env }
    return ServerProcess.start(GATEWAY, settings, garbageFlags())
  }
  let gateway = await start(0)
  return {
    key: KEY,
    log,
    nats,
    get gateway() {
      return gateway
    },
    async session(name) {
      const ref: SessionRef = { tenant: 'default', session: name }
      const writer = new ChainWriter(log, ref, 0)
      const event = draft('session.titled', { title: name })
      await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
      return writer
    },
    async restart() {
      const { port } = new URL(gateway.url)
      await gateway.kill()
      gateway = await start(port)
    },
    async stop() {
      await gateway.kill()
      await bus.close()
      await nats.stop()
    },
  }
}
