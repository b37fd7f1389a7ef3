import type { RouteSettings } from '@spool/config'
import type { Provider } from '../../src/providers/provider.ts'
import { Route } from '../../src/routing/route.ts'
import { routeTo as settingsTo } from '../providers/route-to.ts'

/** A route as a file would describe it, to a provider that a test has made. */
export function routeTo(provider: Provider, settings: Partial<RouteSettings> = {}): Route {
  return new Route(settingsTo('demo', { model: provider.model, ...settings }), provider)
}
