import { identifier, milliseconds, oneOf, port, text, urls, wholeNumber } from './settings.ts'

/** The variables that every service reads; a service's own schema spreads them and adds its own. */
export const serviceSettings = (service: string) => ({
  NATS_URL: urls('nats', 'tls', 'ws', 'wss')
    .default(['nats://127.0.0.1:4222'])
    .describe('The bus: one URL, or those of all members of a cluster'),
  SPOOL_SHARDS: wholeNumber({ min: 1, max: 256 })
    .default(1)
    .describe('Number of LOG streams; fixed when a deployment is created'),
  SPOOL_INSTANCE: identifier().default(`${service}-${process.pid}`).describe('Name of this process'),
  SPOOL_DRAIN_MS: milliseconds().default(30_000).describe('How long a process may finish its work after SIGTERM'),
  HOST: text().default('127.0.0.1').describe('Address to listen on'),
  METRICS_PORT: port().default(0).describe('Port of /metrics and /healthz'),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal')
    .default('info')
    .describe('Least level that is logged'),
  LOG_FILE: text().optional().describe('File that log lines are appended to as well'),
})
