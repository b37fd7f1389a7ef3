import { fileURLToPath } from 'node:url'
import {
  baseUrl,
  loadConfig,
  type Environment,
  milliseconds,
  secret,
  text,
  url,
  urls,
  wholeNumber,
} from '@spool/config'
import { z } from 'zod'
import { readRunning } from './running-spool.ts'

export const cliSchema = z.object({
  SPOOL_URL: baseUrl().optional().describe('The gateway; without it, the one that `npm start` runs'),
  SPOOL_KEY: secret().optional().describe('An API key; without it, the one that `npm start` made'),
  NATS_URL: urls('nats', 'tls').optional().describe('NATS; without it, the one that `npm start` runs'),
  DATABASE_URL: url('postgres', 'postgresql')
    .optional()
    .describe('Postgres; without it, the one that `npm start` runs'),
  SPOOL_SHARDS: wholeNumber({ min: 1, max: 256 }).optional().describe('Number of LOG streams of the deployment'),
  SPOOL_REPLICAS: wholeNumber({ min: 1, max: 5 })
    .optional()
    .describe('Copies of each stream, for `log restore` where NATS has lost all of them; as for the provisioner'),
  SPOOL_LOG_MAX_BYTES: wholeNumber({ min: 1 }).optional().describe('Room of each LOG stream, likewise'),
  SPOOL_DATA: text().default('.spool').describe('Folder in which `npm start` keeps everything'),
  SPOOL_CONNECT_MS: milliseconds({ min: 100 })
    .default(5000)
    .describe('How long a server that does not answer is waited for'),
})

export interface CliSettings {
  readonly url: string | undefined
  readonly key: string | undefined
  readonly natsUrl: string | undefined
  readonly databaseUrl: string | undefined
  readonly shards: number
  readonly replicas: number | undefined
  readonly logMaxBytes: number | undefined
  readonly connectMs: number
  readonly dataFolder: string
}

/** Where `npm start` keeps everything, also for whoever stands in another folder. */
const OF_CHECKOUT = fileURLToPath(new URL('../../../../.spool', import.meta.url))

/** What is set counts; what is not set is what `npm start` runs in this folder. */
export function cliSettings(env: Environment): CliSettings {
  const given = loadConfig(cliSchema, env)
  const running = readRunning(given.SPOOL_DATA) ?? (env['SPOOL_DATA'] === undefined ? readRunning(OF_CHECKOUT) : null)
  return {
    url: given.SPOOL_URL ?? running?.url,
    // The key of the Spool that runs here is no other server's business.
    key: given.SPOOL_KEY ?? (given.SPOOL_URL === undefined ? running?.key : undefined),
    natsUrl: given.NATS_URL?.join(',') ?? running?.natsUrl,
    databaseUrl: given.DATABASE_URL ?? running?.databaseUrl,
    shards: given.SPOOL_SHARDS ?? running?.shards ?? 1,
    replicas: given.SPOOL_REPLICAS,
    logMaxBytes: given.SPOOL_LOG_MAX_BYTES,
    connectMs: given.SPOOL_CONNECT_MS,
    dataFolder: given.SPOOL_DATA,
  }
}
