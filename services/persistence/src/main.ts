import 'reflect-metadata'
import { loadConfig } from '@spool/config'
import { createLogger, startTelemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import { startPersistence } from './start-persistence.ts'

const service = 'persistence'
const config = loadConfig(configSchema)
const instance = config.SPOOL_INSTANCE
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })
const stopping = new AbortController()
const running = run()

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping.abort()
    // What waits for a server that is away is left as it is: nothing of it is needed.
    setTimeout(() => process.exit(0), config.SPOOL_DRAIN_MS).unref()
    void running.then(() => process.exit(process.exitCode ?? 0))
  })
}
await running

async function run(): Promise<void> {
  const telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })
  try {
    await startPersistence(config, logger, stopping.signal)
  } catch (error) {
    logger.fatal({ err: error }, 'Cannot start')
    process.exitCode = 1
  }
  await telemetry.shutdown()
}
