import { resolve } from 'node:path'
import {
  copies,
  type Environment,
  identifier,
  loadConfig,
  loadSpoolConfig,
  modelSettings,
  oneOf,
  port,
  type SpoolConfig,
  text,
  urls,
  wholeNumber,
} from '@spool/config'
import { z } from 'zod'
import type { Detour } from './detour.ts'

export const serviceNames = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence'] as const

export const launchSchema = z.object({
  PORT: port().default(8080).describe('Port of the gateway; a second gateway takes the next one'),
  HOST: text().default('127.0.0.1').describe('Address the gateway listens on'),
  LOG_LEVEL: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal')
    .default('info')
    .describe('Least level that is logged'),
  LOG_FILE: text().optional().describe('File that log lines are appended to as well, as JSON'),
  SPOOL_CONFIG: modelSettings.SPOOL_CONFIG,
  SPOOL_DATA: text().default('.spool').describe('Folder of everything that is kept'),
  SPOOL_DEV_KEY: identifier().optional().describe('The API key of the tenant "default"; else one is made and kept'),
  SPOOL_COPIES: copies(serviceNames).optional().describe('How many copies of each service, e.g. gateway=2,llm-proxy=2'),
  SPOOL_SHARDS: wholeNumber({ min: 1, max: 256 })
    .default(1)
    .describe('Number of LOG streams, fixed at the first start'),
  SPOOL_DRAIN_MS: wholeNumber({ max: 600_000 })
    .default(5_000)
    .describe('How long a service may finish its work; `30000` for one that is started without `npm start`'),
  SPOOL_NATS_SYNC: oneOf('default', 'always')
    .default('default')
    .describe('`always`: an append is acknowledged when it is on the disk, not when it is written'),
  NATS_URL: urls('nats', 'tls').optional().describe('A NATS of your own, with JetStream'),
  DATABASE_URL: text().optional().describe('A Postgres of your own'),
})

export interface LaunchSettings {
  port: number
  host: string
  logLevel: string
  logFile: string | undefined
  dataFolder: string
  devKey: string | undefined
  copies: Readonly<Record<string, number>>
  shards: number
  drainMs: number
  /** For tests, which kill on purpose what is well. */
  longestRestartDelayMs?: number | undefined
  detour?: Detour | undefined
  /** Of the NATS that the launcher starts. */
  natsSync: 'default' | 'always'
  natsUrl: string | undefined
  databaseUrl: string | undefined
  /** Models, agents and tools. */
  config: SpoolConfig
  /** What the services inherit. */
  env: Environment
}

/** Reads what `npm start` is told by its environment, or throws an error that names every problem. */
export function launchSettings(env: Environment = process.env): LaunchSettings {
  const given = loadConfig(launchSchema, env)
  return {
    port: given.PORT,
    host: given.HOST,
    logLevel: given.LOG_LEVEL,
    logFile: given.LOG_FILE && resolve(given.LOG_FILE),
    dataFolder: resolve(given.SPOOL_DATA),
    devKey: given.SPOOL_DEV_KEY,
    copies: given.SPOOL_COPIES ?? {},
    shards: given.SPOOL_SHARDS,
    drainMs: given.SPOOL_DRAIN_MS,
    natsSync: given.SPOOL_NATS_SYNC,
    natsUrl: given.NATS_URL?.join(','),
    databaseUrl: given.DATABASE_URL,
    config: loadSpoolConfig(env, { requireKeys: true, requireToolVariables: true }),
    env,
  }
}
