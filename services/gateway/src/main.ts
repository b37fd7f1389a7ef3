import { loadConfig } from '@spool/config'
import { createLogger, startTelemetry, type Telemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import { type RunningGateway, startGateway } from './gateway.ts'

const config = loadConfig(configSchema)
const { SPOOL_INSTANCE: instance, SPOOL_DRAIN_MS: drainMs, HOST: host } = config
const logger = createLogger({
  service: 'gateway',
  instance,
  level: config.LOG_LEVEL,
  ...(config.LOG_FILE === undefined ? {} : { file: config.LOG_FILE }),
})

let gateway: RunningGateway | undefined
let telemetry: Telemetry | undefined
// In place before anything is waited for: a process that cannot reach NATS ends when it is asked to, too.
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())

try {
  telemetry = await startTelemetry({ service: 'gateway', instance, host, metricsPort: config.METRICS_PORT })
  gateway = await startGateway(config, logger)
  logger.info({ url: gateway.url, metrics_port: telemetry.metricsPort }, 'Listening')
} catch (error) {
  logger.fatal({ err: error }, error instanceof Error ? error.message : 'Could not start')
  process.exit(1)
}

async function stop(): Promise<void> {
  setTimeout(() => {
    logger.warn('Not everything ended in time')
    process.exit(1)
  }, drainMs).unref()
  try {
    await gateway?.close()
    await telemetry?.shutdown()
    process.exit(0)
  } catch (error) {
    logger.error({ err: error }, 'Could not end cleanly')
    process.exit(1)
  }
}
