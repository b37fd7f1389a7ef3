import { milliseconds, serviceSettings, url, wholeNumber } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('persistence'),
  DATABASE_URL: url('postgres', 'postgresql').describe('The database that keeps every event for good'),
  SPOOL_DATABASE_CONNECTIONS: wholeNumber({ min: 1, max: 200 })
    .default(8)
    .describe('Connections for answering queries; the projection has one of its own per shard'),
  SPOOL_LEASE_MS: milliseconds({ min: 2000, max: 600_000 })
    .default(10_000)
    .describe('A copy that projects and says nothing to Postgres for this long is followed by another'),
  SPOOL_HOT_WINDOW_MS: milliseconds({ min: 1000, max: 366 * 86_400_000 })
    .default(72 * 3_600_000)
    .describe('What is stored in Postgres stays in NATS for this long; for less where a stream runs full'),
  SPOOL_PRODUCER_SILENT_MS: milliseconds({ min: 100 })
    .default(60_000)
    .describe("A producer's message without a call for this long is closed as `producer_silent`"),
  SPOOL_SWEEP_IDLE_MS: milliseconds({ min: 100 })
    .default(30_000)
    .describe('An open run without an event for this long is looked at again'),
})

export type Config = z.output<typeof configSchema>
