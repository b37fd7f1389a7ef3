import {
  ArchiveOverNats,
  Bus,
  Log,
  Queries,
  Worker,
  answerReady,
  enqueue,
  grantKey,
  hashKey,
  provision,
} from '@spool/log'
import { loadConfig } from '@spool/config'
import { createLogger } from '@spool/telemetry'
import { type RunningNats, startNats } from '@spool/testing'
import { configSchema } from '../../src/config.ts'
import { type RunningGateway, startGateway } from '../../src/start-gateway.ts'
import { ScriptedOrchestrator } from './scripted-orchestrator.ts'
import { ScriptedPersistence } from './scripted-persistence.ts'
import { until } from './until.ts'

export const KEY = 'key-of-the-default-tenant'
export const OTHER_KEY = 'key-of-another-tenant'

/** A gateway over a real NATS. The other services are played by scripts that write real chains. */
export interface System {
  readonly nats: RunningNats
  readonly bus: Bus
  readonly log: Log
  readonly gateway: RunningGateway
  readonly url: string
  readonly orchestrator: ScriptedOrchestrator
  readonly persistence: ScriptedPersistence
  /** One more gateway over the same bus, by another address of it where one is given. */
  anotherGateway(natsUrl?: string, settings?: Record<string, string>): Promise<RunningGateway>
  /** Lets a service say nothing any more about whether it is ready. */
  stopReady(service: string): void
  revokeKey(key: string): Promise<void>
  /** What was logged, line by line. */
  readonly logLines: string[]
  stop(): Promise<void>
}

export async function startSystem(settings: Record<string, string> = {}): Promise<System> {
  const nats = await startNats()
  const bus = await Bus.connect({ servers: nats.url, name: 'script' })
  await provision(bus, { logMaxBytes: 512 * 1024 ** 2 })
  await grantKey(bus, KEY, 'default', 'test')
  await grantKey(bus, OTHER_KEY, 'other', 'test')
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), 1)
  const persistence = new ScriptedPersistence(bus, log)
  const worker = new Worker(bus, 'script')
  const orchestrator = new ScriptedOrchestrator(log, worker)
  await orchestrator.start()
  const others = ['agent-orchestrator', 'llm-proxy', 'persistence']
  const ready = new Map(others.map((name) => [name, answerReady(bus, name, () => ({ ok: true }))]))
  const logLines: string[] = []
  const extra: RunningGateway[] = []
  const start = (natsUrl = nats.url, own = settings) => startGatewayOn(natsUrl, own, logLines)
  const gateway = await start()
  return {
    nats,
    bus,
    log,
    gateway,
    url: gateway.url,
    orchestrator,
    persistence,
    logLines,
    stopReady: (service) => ready.get(service)?.(),
    revokeKey: async (key) => {
      // What a KV bucket understands as "deleted".
      const operation = { 'KV-Operation': 'DEL' }
      await enqueue(log, `$KV.KEYS.${hashKey(key)}`, '', operation)
    },
    anotherGateway: async (natsUrl, own) => {
      const another = await start(natsUrl, own)
      extra.push(another)
      return another
    },
    stop: async () => {
      await Promise.all([gateway, ...extra].map((one) => one.stop()))
      await orchestrator.stop()
      persistence.stop()
      worker.close()
      await bus.close()
      await nats.stop()
    },
  }
}

async function startGatewayOn(
  natsUrl: string,
  settings: Record<string, string>,
  logLines: string[],
): Promise<RunningGateway> {
  const config = loadConfig(configSchema, { NATS_URL: natsUrl, PORT: '0', ...settings })
  const output = { write: (line: string) => void logLines.push(line) }
  const logger = createLogger({ service: 'gateway', instance: config.SPOOL_INSTANCE, level: 'debug', output })
  const gateway = await startGateway(config, logger)
  await until(async () => (await fetch(`${gateway.url}/readyz`)).ok, 'the gateway is ready')
  return gateway
}
