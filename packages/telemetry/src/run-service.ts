import { ConfigError, loadConfig } from '@spool/config'
import type { z } from 'zod'
import { type Logger, createLogger } from './create-logger.ts'
import { type Telemetry, startTelemetry } from './start-telemetry.ts'

/** The settings that every service has (`serviceSettings` of @spool/config). */
export interface CommonSettings {
  readonly SPOOL_INSTANCE: string
  readonly SPOOL_DRAIN_MS: number
  readonly NATS_URL: readonly string[]
  readonly HOST: string
  readonly METRICS_PORT: number
  readonly LOG_LEVEL: string
  readonly LOG_FILE?: string | undefined
}

export interface RunningService {
  /** What is worth saying once it is ready, e.g. its URL. */
  readonly about?: Readonly<Record<string, unknown>>
  /** Takes nothing new and resolves when what is in work is finished or handed over. */
  stop(): Promise<void>
}

/** Loads the service and starts it; so that a signal is heard from the first moment on, it is loaded no earlier. */
export type StartService<Settings> = (
  settings: Settings,
  logger: Logger,
  stopping: AbortSignal,
) => Promise<RunningService>

const SAY_WAITING_MS = 2000
/** After the drain time: what was not finished is handed over, which takes a moment. */
const HANDING_OVER_MS = 2000

/** The life of a service's process: settings, log lines, metrics, start, signals, end. Its exit code says how it went. */
export async function runService<Schema extends z.ZodType<CommonSettings>>(
  service: string,
  schema: Schema,
  start: StartService<z.output<Schema>>,
): Promise<void> {
  const settings = settingsOrExit(schema)
  const { SPOOL_INSTANCE: instance, LOG_LEVEL: level, LOG_FILE: file, HOST: host, METRICS_PORT: metricsPort } = settings
  const logger = createLogger({ service, instance, level, ...(file !== undefined && { file }) })
  const stopping = new AbortController()
  let telemetry: Telemetry | undefined
  let running: RunningService | undefined

  const stop = async (): Promise<void> => {
    stopping.abort()
    // A process that still waits for a server holds nothing that would have to be finished.
    if (running === undefined) process.exit(0)
    setTimeout(() => {
      logger.warn('Not everything ended in time; what is left is taken over by another copy')
      process.exit(1)
    }, settings.SPOOL_DRAIN_MS + HANDING_OVER_MS).unref()
    try {
      await running.stop()
      await telemetry?.shutdown()
      process.exit(0)
    } catch (error) {
      logger.error({ err: error }, 'Could not end cleanly')
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop())

  const waiting = setTimeout(() => logger.warn(`Waiting for NATS at ${hosts(settings.NATS_URL)}`), SAY_WAITING_MS)
  try {
    telemetry = await startTelemetry({ service, instance, host, metricsPort })
    logger.info({ metricsPort: telemetry.metricsPort }, 'Starting')
    running = await start(settings, logger, stopping.signal)
    clearTimeout(waiting)
    logger.info({ ...running.about }, 'Ready')
  } catch (error) {
    // What a person has to put right is said in a sentence; of anything else one wants to know where it came from.
    if (isForPeople(error)) logger.fatal(error.message)
    else logger.fatal({ err: error }, 'Cannot start')
    process.exit(1)
  }
}

function settingsOrExit<Schema extends z.ZodType>(schema: Schema): z.output<Schema> {
  try {
    return loadConfig(schema)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  }
}

/** Without the password that a URL may carry. */
function hosts(urls: readonly string[]): string {
  return urls.map((url) => new URL(url).host).join(', ')
}

function isForPeople(error: unknown): error is Error {
  return error instanceof Error && 'retryable' in error && error.retryable === false
}
