import type { Continue, RouteSettings } from '@spool/config'
import type { Provider } from '../providers/provider.ts'
import { Places } from './places.ts'
import { RouteHealth } from './route-health.ts'

/** One way to a model, and what this process knows of it. */
export class Route {
  readonly places: Places
  private takesPrefill = true

  constructor(
    readonly settings: RouteSettings,
    readonly provider: Provider,
    readonly health = new RouteHealth(),
  ) {
    this.places = new Places(settings.maxConcurrency ?? Infinity)
  }

  /** What becomes of a text that is there when this route is called. */
  get continues(): Continue {
    const { continues } = this.settings
    return continues === 'prefill' && !this.takesPrefill ? 'restart' : continues
  }

  /** It was asked to go on after a text, and does not know how. */
  refusesPrefill(): void {
    this.takesPrefill = false
  }
}
