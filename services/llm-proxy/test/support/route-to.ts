import type { RouteSettings } from '@spool/config'
import type { Provider } from '../../src/providers/provider.ts'
import { Route } from '../../src/routing/route.ts'

/** A route as a file would describe it, to a provider that a test has made. */
export function routeTo(provider: Provider, settings: Partial<RouteSettings> = {}): Route {
  const about = { provider: 'demo', model: provider.model, continues: 'prefill', repeats: false, attempts: 3 } as const
  return new Route({ ...about, firstTokenTimeoutMs: 30_000, stallTimeoutMs: 30_000, ...settings }, provider)
}
