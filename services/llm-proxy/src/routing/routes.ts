import type { ModelCatalogue, RouteSettings } from '@spool/config'
import type { RouteStatus } from '@spool/log'
import { ProviderError } from '../providers/provider-error.ts'
import type { Provider } from '../providers/provider.ts'
import { refusingProvider } from '../providers/refusing-provider.ts'
import { Route } from './route.ts'
import { type BreakerSettings, type HealthState, RouteHealth } from './route-health.ts'

/** Models that are no alias are named by whoever sends a message: of so many it is remembered how they do. */
const MAX_OTHERS = 200

export interface RoutesOptions {
  readonly catalogue: ModelCatalogue
  readonly open: (settings: RouteSettings) => Provider
  readonly breaker?: BreakerSettings
  readonly onChange?: (model: string, settings: RouteSettings, state: HealthState) => void
}

/** The ways to every model, each opened once. */
export class Routes {
  private readonly opened = new Map<string, readonly Route[]>()

  constructor(private readonly options: RoutesOptions) {
    for (const alias of options.catalogue.aliases.keys()) this.of(alias)
  }

  /** In order; at least one, if only to say that nobody offers the model. */
  of(model: string): readonly Route[] {
    const known = this.opened.get(model)
    if (known !== undefined) return known
    const routes = this.openAll(model)
    this.opened.set(model, routes)
    this.forgetOthers()
    return routes
  }

  /** Of the aliases, as they are configured. Other names came with somebody's message, and are nobody else's business. */
  statuses(): RouteStatus[] {
    const aliases = [...this.options.catalogue.aliases.keys()]
    return aliases.flatMap((model) => this.of(model).map((route) => statusOf(model, route)))
  }

  private openAll(model: string): readonly Route[] {
    const { catalogue, open, breaker, onChange } = this.options
    const routes = catalogue.routesOf(model)
    if (routes === undefined) return [nowhere(model)]
    return routes.map(
      (settings) =>
        new Route(settings, open(settings), new RouteHealth(breaker, (state) => onChange?.(model, settings, state))),
    )
  }

  private forgetOthers(): void {
    const { aliases } = this.options.catalogue
    if (this.opened.size <= aliases.size + MAX_OTHERS) return
    for (const model of this.opened.keys()) {
      if (aliases.has(model)) continue
      this.opened.delete(model)
      return
    }
  }
}

function nowhere(model: string): Route {
  const name = JSON.stringify(model.slice(0, 100))
  const text = `There is no model ${name}. Ask for "default" or "demo", or add it to spool.config.yaml.`
  return refusingRoute(model, new ProviderError('provider_unknown_model', text))
}

/** For a message that no provider can be asked for: it ends the way of every other that fails. */
export function refusingRoute(model: string, error: ProviderError): Route {
  return new Route(nowhereSettings(model), refusingProvider('none', model, error))
}

const nowhereSettings = (model: string): RouteSettings => ({
  provider: 'demo',
  model,
  continues: 'end',
  repeats: false,
  firstTokenTimeoutMs: 1,
  stallTimeoutMs: 1,
  attempts: 1,
})

function statusOf(model: string, { settings, health, places }: Route): RouteStatus {
  const { lastError, backAt } = health
  return {
    model,
    provider: settings.provider,
    provider_model: settings.model,
    state: health.state,
    failures_in_a_row: health.failuresInARow,
    calls: places.inUse,
    waiting: places.waiting,
    last_error: lastError && { code: lastError.code, at: lastError.at.toISOString() },
    back_at: backAt?.toISOString() ?? null,
  }
}
