import { loadConfig } from '@spool/config'
import { createLogger, startTelemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import { startGateway } from './gateway.ts'

const config = loadConfig(configSchema)
const about = { service: 'gateway', instance: config.SPOOL_INSTANCE }
const logger = createLogger({ ...about, level: config.LOG_LEVEL, ...(config.LOG_FILE && { file: config.LOG_FILE }) })
const telemetry = await startTelemetry({ ...about, host: config.HOST, metricsPort: config.METRICS_PORT })

try {
  const gateway = await startGateway(config, logger)
  logger.info({ url: gateway.url }, 'Listening')
  const stop = () => {
    setTimeout(() => {
      logger.warn('Not everything ended in time')
      process.exit(1)
    }, config.SPOOL_DRAIN_MS).unref()
    gateway
      .close()
      .then(() => telemetry.shutdown())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          logger.error({ err: error }, 'Could not end cleanly')
          process.exit(1)
        },
      )
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
} catch (error) {
  logger.fatal({ err: error }, error instanceof Error ? error.message : 'Could not start')
  await telemetry.shutdown()
  process.exit(1)
}
