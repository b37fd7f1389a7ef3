import { freePort } from '../free-port.ts'
import { Child } from '../processes/child.ts'
import { garbageFlags } from './garbage-flags.ts'
import type { LaunchContext } from './launch-context.ts'
import type { Plan, ServicePlan } from './plan.ts'
import { type Servers, serviceEnvironment, type ServicePorts } from './service-environment.ts'

export interface StartedService {
  instance: string
  ports: ServicePorts
}

/** Starts one copy of a service and keeps it running, on the same ports. */
export async function startService(
  context: LaunchContext,
  plan: Plan,
  servers: Servers,
  service: ServicePlan,
  copy: { number: number; httpPort: number | undefined },
): Promise<StartedService> {
  const instance = `${service.name}-${copy.number}`
  const ports: ServicePorts = { http: copy.httpPort, metrics: await freePort() }
  const direct = { natsUrl: servers.natsUrlOf?.(service.name) ?? servers.natsUrl, databaseUrl: servers.databaseUrl }
  const reached = (await context.settings.detour?.(instance, direct)) ?? direct
  const supervised = context.supervise({
    name: instance,
    start: async (started) => {
      const child = await Child.start({
        command: process.execPath,
        args: [...garbageFlags(), service.script],
        cwd: plan.root,
        // Made anew for each start: the models may have changed since the last.
        env: serviceEnvironment(plan, context.settings, reached, service, instance, ports),
        reaper: context.reaper,
        onLine: (line) => context.output.line(instance, line),
      })
      started(child)
      if (service.isBesideTheToken === true) child.letOthersGoFirst()
      return child
    },
  })
  await supervised.start()
  return { instance, ports }
}
