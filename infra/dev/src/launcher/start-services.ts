import type { LaunchContext } from './launch-context.ts'
import type { Plan, ServicePlan } from './plan.ts'
import type { Ports } from './ports.ts'
import type { Servers } from './service-environment.ts'
import type { LaunchSettings } from './settings.ts'
import { startService } from './start-service.ts'

export const copiesOf = (service: ServicePlan, { copies }: Pick<LaunchSettings, 'copies'>) => copies[service.name] ?? 1

/** Starts every copy of every service at the same time, and notes their ports. Gives back how many there are. */
export async function startServices(
  context: LaunchContext,
  plan: Plan,
  servers: Servers,
  httpPorts: readonly number[],
  ports: Ports,
): Promise<number> {
  const starts = plan.services.flatMap((service) =>
    Array.from({ length: copiesOf(service, context.settings) }, (_, index) => {
      const httpPort = service.isGateway ? httpPorts[index] : undefined
      return startService(context, plan, servers, service, { number: index + 1, httpPort })
    }),
  )
  for (const { instance, ports: own } of await Promise.all(starts)) {
    if (own.http !== undefined) ports[instance] = own.http
    ports.metrics[instance] = own.metrics
  }
  return starts.length
}
