import type { LimitCatalogue, TenantLimits } from '@spool/config'
import type { Caller } from '../admitting/caller.ts'

export const limitsOf = (catalogue: LimitCatalogue, { by, tenant }: Caller): TenantLimits =>
  by === 'nothing' ? catalogue.open : catalogue.of(tenant)

/** Who pays. Those who come without a key have an account together, and not that of the tenant: no id is empty. */
export const accountOf = ({ by, tenant }: Caller): string => (by === 'nothing' ? '' : tenant)
