import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { loadConfig } from '@spool/config'
import { ArchiveOverNats, Bus, Log, Queries, QueueServer, SessionLoader, Worker, answerReady } from '@spool/log'
import { createLogger, nestLogger, startTelemetry } from '@spool/telemetry'
import { AgentOrchestratorModule } from './agent-orchestrator.module.ts'
import { builtInAgents } from './agents/agents.ts'
import { configSchema } from './config.ts'
import { Stepper } from './stepping/stepper.ts'

const service = 'agent-orchestrator'
const config = loadConfig(configSchema)
const instance = config.SPOOL_INSTANCE
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })
const telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })

const bus = await Bus.connect({ servers: config.NATS_URL.join(','), name: instance })
const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)), config.SPOOL_SHARDS)
const agents = builtInAgents({
  hasProvider: config.OPENAI_API_KEY !== undefined || config.OPENAI_BASE_URL !== undefined,
  wallClockSeconds: config.SPOOL_RUN_LIMIT_MS / 1000,
})
const worker = new Worker(bus, instance)
const stepper = new Stepper(log, new SessionLoader(log), agents)

const app = await NestFactory.createMicroservice(AgentOrchestratorModule.with(log, stepper), {
  logger: nestLogger(logger),
  strategy: new QueueServer({
    bus,
    worker,
    slots: { intake: config.SPOOL_STEPS, control: config.SPOOL_STEPS, run: config.SPOOL_STEPS },
    onError: (error, delivery) =>
      logger.warn({ err: error, job: delivery?.subject }, 'A step failed and is tried again'),
  }),
})
await app.listen()
answerReady(bus, service, () =>
  log.horizon.behind === null ? { ok: true } : { ok: false, detail: log.horizon.behind.message },
)
void log.askArchive(() => log.horizon.askArchive())
logger.info('Ready')

const stop = async (): Promise<void> => {
  await app.close()
  worker.close()
  await bus.close()
  await telemetry.shutdown()
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop().then(() => process.exit(0)))
