import type { ProxyStatus, RouteStatus } from '@spool/log'

export interface ModelStatus {
  /** As it is asked for. */
  readonly model: string
  /** In the order in which they are tried. */
  readonly routes: readonly RouteOverall[]
}

export interface RouteOverall {
  readonly provider: string
  readonly model: string
  /** `degraded`: some copies leave it out, or try whether it is back. */
  readonly state: 'ok' | 'degraded' | 'left_out'
  readonly copies: readonly RouteInCopy[]
}

type RouteInCopy = { readonly instance: string } & Omit<RouteStatus, 'model' | 'provider' | 'provider_model'>

interface Seen {
  readonly instance: string
  readonly key: string
  readonly route: RouteStatus
}

/** How the ways to the models stand over all copies, each of which has found out for itself. */
export function modelStatuses(proxies: readonly ProxyStatus[]): ModelStatus[] {
  const inOrder = proxies.toSorted((one, other) => compare(one.instance, other.instance))
  const seen = inOrder.flatMap(({ instance, routes }) => numbered(instance, routes))
  return [...Map.groupBy(seen, ({ route }) => route.model)].map(([model, ofModel]) => ({
    model,
    routes: [...Map.groupBy(ofModel, ({ key }) => key).values()].map(overall),
  }))
}

/** Two ways to one model may differ in nothing that is shown here. */
function numbered(instance: string, routes: readonly RouteStatus[]): Seen[] {
  const counts = new Map<string, number>()
  return routes.map((route) => {
    const name = JSON.stringify([route.model, route.provider, route.provider_model])
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return { instance, key: `${name} ${count}`, route }
  })
}

function overall(seen: readonly Seen[]): RouteOverall {
  const { provider, provider_model: model } = seen[0]!.route
  const copies = seen.map(({ instance, route }) => inCopy(instance, route))
  const isOk = copies.every(({ state }) => state === 'ok')
  const isLeftOut = copies.every(({ state }) => state === 'left_out')
  return { provider, model, state: isOk ? 'ok' : isLeftOut ? 'left_out' : 'degraded', copies }
}

function inCopy(instance: string, route: RouteStatus): RouteInCopy {
  const { state, failures_in_a_row, calls, waiting, last_error, back_at } = route
  return { instance, state, failures_in_a_row, calls, waiting, last_error, back_at }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
