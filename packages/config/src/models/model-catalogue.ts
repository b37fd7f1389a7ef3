import { completeRoute } from './complete-route.ts'
import { windowOfRoute } from './known-window.ts'
import { isDemoName, isModelName } from './model-name.ts'
import type { RouteSettings } from './route-settings.ts'

export interface CatalogueOptions {
  readonly origin: ModelCatalogue['origin']
  readonly file?: string
  readonly aliases: ReadonlyMap<string, readonly RouteSettings[]>
  /** Where names that are no alias are looked for. */
  readonly others?: RouteSettings
  readonly hints?: readonly string[]
}

/** Which models can be asked for, and the ways to each, in order. */
export class ModelCatalogue {
  readonly origin: 'file' | 'environment' | 'demo'
  /** Absolute. */
  readonly file?: string
  readonly aliases: ReadonlyMap<string, readonly RouteSettings[]>
  /** What was begun in the environment and is not enough, in words for whoever set it; holds no value. */
  readonly hints: readonly string[]
  readonly #others: RouteSettings | undefined

  constructor({ origin, file, aliases, others, hints = [] }: CatalogueOptions) {
    this.origin = origin
    if (file !== undefined) this.file = file
    this.aliases = aliases
    this.hints = hints
    this.#others = others
  }

  knows(model: string): boolean {
    return this.routesOf(model) !== undefined
  }

  /** Undefined where nobody offers it. The demo model always is there; without a file, other names are the provider's. */
  routesOf(model: string): readonly RouteSettings[] | undefined {
    const routes = this.aliases.get(model)
    if (routes) return routes
    if (isDemoName(model)) return [demoRoute(model)]
    return this.#others && isOfProvider(model, this.#others) ? [{ ...this.#others, model }] : undefined
  }

  /** Tokens that fit into the model whichever way is taken, as far as is known; null where of none of them it is. */
  windowOf(model: string): number | null {
    const known = (this.routesOf(model) ?? []).map(windowOfRoute).filter((tokens) => tokens !== null)
    return known.length === 0 ? null : Math.min(...known)
  }
}

/** The one that was configured may be called whatever it is called. */
function isOfProvider(model: string, others: RouteSettings): boolean {
  return model === others.model || (isModelName(model) && !model.startsWith('demo/'))
}

export const demoRoute = (model: string): RouteSettings => completeRoute({ provider: 'demo', model }, {})
