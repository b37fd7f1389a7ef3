import type { RouteStatus } from '@spool/log'
import { attributes, observedGauge, routeMetrics } from '@spool/telemetry'
import { routeLabels } from './metric-labels.ts'
import { routesLeftOut } from './metrics.ts'

type NamedRoute = Pick<RouteStatus, 'model' | 'provider' | 'provider_model'>

const STATES = ['ok', 'left_out', 'probing'] as const satisfies readonly RouteStatus['state'][]

/** Shows the ways to the models at each scrape. Call it after start-up. */
export function observeRoutes(read: () => readonly RouteStatus[]): void {
  const each = (value: (route: RouteStatus) => number) =>
    read().map((route) => ({ value: value(route), attributes: labelsOf(route) }))
  observedGauge(routeMetrics.calls, () => each(({ calls }) => calls))
  observedGauge(routeMetrics.waiting, () => each(({ waiting }) => waiting))
  observedGauge(routeMetrics.state, () =>
    read().flatMap((route) =>
      STATES.map((state) => ({
        value: route.state === state ? 1 : 0,
        attributes: { ...labelsOf(route), [attributes.state]: state },
      })),
    ),
  )
}

/** A route is left out from now on; it was not before. */
export function countLeftOut(route: NamedRoute): void {
  routesLeftOut.add(1, labelsOf(route))
}

const labelsOf = ({ model, provider, provider_model }: NamedRoute) => routeLabels(model, provider, provider_model)
