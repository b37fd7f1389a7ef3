import type { Logger } from '@spool/telemetry'
import type { Config } from '../config.ts'

/** What an operator should not find out from somebody else. */
export function sayWhoIsLetIn(config: Config, logger: Logger): void {
  const { SPOOL_OPEN_TENANT: tenant, SPOOL_JWT_JWKS_URL: url } = config
  if (tenant !== undefined) {
    logger.warn(
      { tenant },
      `WITHOUT A KEY everybody who reaches this gateway acts as the tenant "${tenant}" (SPOOL_OPEN_TENANT)`,
    )
  }
  if (url !== undefined && config.SPOOL_JWT_AUDIENCE === undefined) {
    logger.warn('SPOOL_JWT_AUDIENCE is not set: tokens that the issuer has made for other services are taken here, too')
  }
}
