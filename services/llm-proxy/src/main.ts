import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { loadConfig } from '@spool/config'
import { ArchiveOverNats, Bus, Log, Queries, QueueServer, SessionLoader, Worker, answerReady } from '@spool/log'
import { createLogger, nestLogger, startTelemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import { Answerer } from './generating/answerer.ts'
import { Stopped } from './generating/message-writer.ts'
import { LlmProxyModule } from './llm-proxy.module.ts'
import { ProviderChoice } from './providers/choose-provider.ts'

const service = 'llm-proxy'
const config = loadConfig(configSchema)
const instance = config.SPOOL_INSTANCE
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })
const telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })

const bus = await Bus.connect({ servers: config.NATS_URL.join(','), name: instance })
const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), config.SPOOL_SHARDS)
const providers = new ProviderChoice({
  ...(config.OPENAI_BASE_URL !== undefined && { baseUrl: config.OPENAI_BASE_URL }),
  ...(config.OPENAI_API_KEY !== undefined && { apiKey: config.OPENAI_API_KEY }),
  ...(config.OPENAI_MODEL !== undefined && { model: config.OPENAI_MODEL }),
})
const worker = new Worker(bus, instance)
const handOver = new AbortController()
const answerer = new Answerer(log, new SessionLoader(log), worker, providers, handOver.signal)

const app = await NestFactory.createMicroservice(LlmProxyModule.with(answerer), {
  logger: nestLogger(logger),
  strategy: new QueueServer({
    bus,
    worker,
    slots: { llm: config.SPOOL_GENERATIONS },
    onError: (error, delivery) =>
      logger.warn({ err: error, job: delivery?.subject }, 'A job failed and is tried again'),
  }),
})
await app.listen()
answerReady(bus, service, () =>
  log.horizon.behind === null ? { ok: true } : { ok: false, detail: log.horizon.behind.message },
)
void log.askArchive(() => log.horizon.askArchive())
logger.info('Ready')

/** Finishes what it can in the time it has; the rest is handed to another copy. */
const stop = async (): Promise<void> => {
  setTimeout(() => handOver.abort(new Stopped('handed-over')), config.SPOOL_DRAIN_MS).unref()
  await app.close()
  worker.close()
  await bus.close()
  await telemetry.shutdown()
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().then(() => process.exit(0)))
