import { port, serviceSettings } from '@spool/config'
import { z } from 'zod'

export const configSchema = z.object({
  ...serviceSettings('gateway'),
  PORT: port().default(8080).describe('Port of the HTTP API'),
})

export type Config = z.output<typeof configSchema>
