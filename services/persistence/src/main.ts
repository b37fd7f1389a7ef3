import { ConfigError, loadConfig } from '@spool/config'
import { createLogger, startTelemetry } from '@spool/telemetry'
import { type Config, configSchema } from './config.ts'

const service = 'persistence'
const config = readConfig()
const instance = config.SPOOL_INSTANCE
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })
const stopping = new AbortController()

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    stopping.abort()
    // What waits for a server that is away is left as it is: nothing of it is needed.
    setTimeout(() => process.exit(0), config.SPOOL_DRAIN_MS).unref()
  })
}

const telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })
logger.info({ metricsPort: telemetry.metricsPort }, 'Serving metrics')
try {
  // Loaded only now, so that a signal is heard from the first moment on.
  const { startPersistence } = await import('./start-persistence.ts')
  await startPersistence(config, logger, stopping.signal)
} catch (error) {
  logger.fatal({ err: error }, 'Cannot start')
  process.exitCode = 1
}
await telemetry.shutdown()
process.exit()

function readConfig(): Config {
  try {
    return loadConfig(configSchema)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}
