import { milliseconds, port, serviceSettings } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('gateway'),
  PORT: port().default(8080).describe('Port of the HTTP API'),
  SPOOL_DISCONNECT_MS: milliseconds()
    .default(10_000)
    .describe('How long a run with `on_disconnect: cancel` waits for a follower to come back'),
})

export type Config = z.output<typeof configSchema>
