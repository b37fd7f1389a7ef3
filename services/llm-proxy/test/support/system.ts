import { ArchiveOverNats, Bus, Log, Queries, provision } from '@spool/log'
import { loadConfig } from '@spool/config'
import { createLogger } from '@spool/telemetry'
import { type RunningNats, startNats } from '@spool/testing'
import { configSchema } from '../../src/config.ts'
import { type RunningProxy, startLlmProxy } from '../../src/start-llm-proxy.ts'

/** A bus with everything on it that a proxy needs, and what the test itself reads and writes through. */
export class System {
  /** What all proxies have logged so far. */
  readonly lines: string[] = []
  private readonly open: { close(): Promise<unknown> }[] = []

  private constructor(
    readonly nats: RunningNats,
    readonly bus: Bus,
    readonly log: Log,
  ) {}

  static async start(): Promise<System> {
    const nats = await startNats()
    const bus = await Bus.connect({ servers: nats.url, name: 'test' })
    await provision(bus, { logMaxBytes: 512 * 1024 ** 2 })
    answerForPersistence(bus)
    return new System(nats, bus, await openLog(bus))
  }

  /** As `main.ts` starts it, in this process. */
  async proxy(env: Record<string, string> = {}): Promise<RunningProxy> {
    const instance = `llm-proxy-${this.open.length + 1}`
    const output = { write: (line: string) => void this.lines.push(line) }
    const logger = createLogger({ service: 'llm-proxy', instance, output })
    const environment = {
      NATS_URL: this.nats.url,
      SPOOL_INSTANCE: instance,
      SPOOL_DRAIN_MS: '100',
      SPOOL_CONFIG: 'none',
      ...env,
    }
    const running = await startLlmProxy(loadConfig(configSchema, environment), logger, environment)
    let closing: Promise<void> | undefined
    const proxy = { stop: () => (closing ??= running.stop()) }
    this.open.push({ close: proxy.stop })
    return proxy
  }

  /** Another process's view of the log. */
  async otherLog(url = this.nats.url): Promise<Log> {
    const bus = await Bus.connect({ servers: url, name: 'other', ackTimeoutMs: 500 })
    this.open.push(bus)
    return openLog(bus)
  }

  async stop(): Promise<void> {
    await Promise.all(this.open.map((process) => process.close()))
    await this.bus.close()
    await this.nats.stop()
  }
}

function openLog(bus: Bus): Promise<Log> {
  return Log.open(bus, new ArchiveOverNats(new Queries(bus)))
}

/** It has stored nothing: without a word of that a proxy would wait for it before its first append. */
function answerForPersistence(bus: Bus): void {
  const answers = { 'query.heights': '[0]', 'query.blob': 'null' }
  for (const [query, response] of Object.entries(answers)) {
    bus.nc.subscribe(query, {
      callback: (_error, message) => {
        const { id } = message.json<{ id: string }>()
        message.respond(JSON.stringify({ id, response, isDisposed: true }))
      },
    })
  }
}
