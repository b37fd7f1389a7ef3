import { milliseconds, port, serviceSettings } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('gateway'),
  PORT: port().default(8080).describe('Port of the HTTP API'),
  SPOOL_DISCONNECT_MS: milliseconds()
    .default(10_000)
    .describe('How long a run with `on_disconnect: cancel` waits for a follower to come back'),
  SPOOL_KEEP_ALIVE_MS: milliseconds({ min: 100, max: 30_000 })
    .default(15_000)
    .describe('How often a stream on which nothing happens gives a sign of life'),
  SPOOL_REQUEST_TIMEOUT_MS: milliseconds({ min: 100 })
    .default(120_000)
    .describe('How long a client may take to send a request, body and all'),
})

export type Config = z.output<typeof configSchema>
