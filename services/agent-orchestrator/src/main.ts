import { loadConfig } from '@spool/config'
import { isFinal } from '@spool/log'
import { type Telemetry, createLogger, startTelemetry } from '@spool/telemetry'
import { configSchema } from './config.ts'
import { type RunningOrchestrator, startOrchestrator } from './start-orchestrator.ts'

const service = 'agent-orchestrator'
const SAY_WAITING_MS = 2000

const config = loadConfig(configSchema)
const { SPOOL_INSTANCE: instance, SPOOL_DRAIN_MS: drainMs } = config
const logger = createLogger({ service, instance, level: config.LOG_LEVEL, file: config.LOG_FILE })

let orchestrator: RunningOrchestrator | undefined
let telemetry: Telemetry | undefined
// In place before anything is waited for: a process that cannot reach NATS ends when it is asked to, too.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())

const waiting = setTimeout(() => logger.warn(`Waiting for NATS at ${config.NATS_URL.join(', ')}`), SAY_WAITING_MS)
try {
  telemetry = await startTelemetry({ service, instance, host: config.HOST, metricsPort: config.METRICS_PORT })
  orchestrator = await startOrchestrator(config, logger)
  clearTimeout(waiting)
  logger.info('Ready')
} catch (error) {
  // What a person has to put right is said in a sentence; of anything else one wants to know where it came from.
  if (isFinal(error)) logger.fatal((error as Error).message)
  else logger.fatal({ err: error }, 'Cannot start')
  process.exit(1)
}

async function stop(): Promise<void> {
  // What waits for a server that is away is left as it is: its job is given out again.
  setTimeout(() => process.exit(0), drainMs).unref()
  await orchestrator?.stop()
  await telemetry?.shutdown()
  process.exit(0)
}
