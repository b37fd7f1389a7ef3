import { z } from 'zod'
import { wholeNumber } from '../file/fields.ts'

const MIB = 1024 * 1024

/** What one tenant may ask of one gateway, but for `runs`. Its descriptions are the reference in docs/security.md. */
const limitFields = {
  requests_per_second: wholeNumber(1_000_000).describe('Requests that are answered, on average, at each gateway'),
  request_burst: wholeNumber(1_000_000).describe('Requests that may come at once; they are made up for afterwards'),
  streams: wholeNumber(1_000_000).describe('Streams that are open at the same time, at each gateway'),
  runs: wholeNumber(1_000_000).describe(
    'Runs that have not ended, queued ones and those that wait for a person included',
  ),
  body_bytes: wholeNumber(MIB, 1024).describe('Of one request, as it is sent'),
  message_bytes: wholeNumber(128 * 1024).describe('Of one message to an agent, as JSON'),
  stream_seconds: wholeNumber(31 * 86_400, 0).describe(
    'After so long a stream ends and its client comes back; 0: never, but for the 30 minutes of the agent dialect',
  ),
}

export const limitsOfTenantSchema = z
  .strictObject(limitFields)
  .partial()
  .meta({ allowed: `a map with any of the fields ${Object.keys(limitFields).join(', ')}` })

const fields = {
  default: limitsOfTenantSchema.optional().describe('What holds for every tenant of which nothing else is said'),
  tenants: z
    .record(z.string().regex(/^[A-Za-z0-9_-]{1,128}$/), limitsOfTenantSchema)
    .meta({ allowed: 'a map from tenants to limits' })
    .optional()
    .describe('What holds for one of them instead'),
  open: limitsOfTenantSchema
    .optional()
    .describe('For all together who come without a key, where `SPOOL_OPEN_TENANT` lets them'),
}

/** Who may ask how much. */
export const tenantLimitsSchema = z
  .strictObject(fields)
  .meta({ allowed: `a map with any of the fields ${Object.keys(fields).join(', ')}` })

export type WrittenTenantLimits = z.output<typeof tenantLimitsSchema>
export type WrittenLimits = z.output<typeof limitsOfTenantSchema>
