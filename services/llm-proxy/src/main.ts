import 'reflect-metadata'
import { loadConfig } from '@spool/config'
import { createLogger, startTelemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import type { RunningProxy } from './start-llm-proxy.ts'

const service = 'llm-proxy'
const config = loadConfig(configSchema)
const instance = config.SPOOL_INSTANCE
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })
/** After the drain time: to hand over what is left, which takes a bus. */
const CLOSING_MS = 2000

let proxy: RunningProxy | undefined
// In place before anything is waited for: a process that cannot reach NATS ends when it is asked to, too.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())

const telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })
try {
  // Loaded only now, so that a signal is heard from the first moment on.
  const { startLlmProxy } = await import('./start-llm-proxy.ts')
  proxy = await startLlmProxy(config, logger)
  logger.info({ metricsPort: telemetry.metricsPort }, 'Ready')
} catch (error) {
  logger.fatal({ err: error }, error instanceof Error ? error.message : 'Cannot start')
  process.exit(1)
}

async function stop(): Promise<void> {
  if (proxy === undefined) process.exit(0)
  setTimeout(() => {
    logger.warn('Not everything could be handed over in time; another copy takes it over')
    process.exit(1)
  }, config.SPOOL_DRAIN_MS + CLOSING_MS).unref()
  try {
    await proxy.close()
    await telemetry.shutdown()
    process.exit(0)
  } catch (error) {
    logger.error({ err: error }, 'Could not end cleanly')
    process.exit(1)
  }
}
