import { identifier, milliseconds, modelSettings, origins, port, secret, serviceSettings, text } from '@spool/config'
import { z } from 'zod'
import { isKeySetAddress } from './admitting/key-set-address.ts'

const keySetAddress = () => {
  const allowed = 'a URL (https; http on the loopback address) without user and password'
  return z.string().refine(isKeySetAddress, `must be ${allowed}`).meta({ allowed, showValue: false })
}

const jwtSecret = () => {
  const allowed = 'a text of at least 32 bytes'
  return secret()
    .refine((given) => Buffer.byteLength(given) >= 32, `must be ${allowed}`)
    .meta({ allowed, showValue: false })
}

export const configSchema = z
  .object({
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
    SPOOL_CONFIG: modelSettings.SPOOL_CONFIG,
    SPOOL_CORS_ORIGINS: origins()
      .optional()
      .describe('Origins whose web pages may use the API, separated by commas; `*`: all. Else none'),
    SPOOL_OPEN_TENANT: identifier()
      .optional()
      .describe('Requests without a key act as this tenant, as far as a chat needs it (docs/security.md)'),
    SPOOL_JWT_SECRET: jwtSecret()
      .optional()
      .describe('Tokens (JWT) that are signed with this secret, HS256, are taken'),
    SPOOL_JWT_JWKS_URL: keySetAddress()
      .optional()
      .describe('Tokens that are signed with one of the keys there (JWKS) are taken'),
    SPOOL_JWT_ISSUER: text().optional().describe('What `iss` of a token must be'),
    SPOOL_JWT_AUDIENCE: text().optional().describe('What `aud` of a token must be, or contain'),
    SPOOL_JWT_TENANT_CLAIM: text().default('tenant').describe('Claim of a token that names the tenant; a.b: b in a'),
    SPOOL_JWT_SUBJECT_CLAIM: text().default('sub').describe('Claim of a token that names the user'),
  })
  .refine((given) => given.SPOOL_JWT_SECRET === undefined || given.SPOOL_JWT_JWKS_URL === undefined, {
    error: 'SPOOL_JWT_SECRET and SPOOL_JWT_JWKS_URL: set one of them, so that it is clear how tokens are signed',
  })

export type Config = z.output<typeof configSchema>
