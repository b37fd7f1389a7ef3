import type { Supervised } from '../supervising/supervised.ts'
import type { LaunchContext } from './launch-context.ts'
import type { Plan } from './plan.ts'

/** Past its drain time a service has this long to close its connections; then it is killed. */
export const closingMs = 3_000

/** First who talks to the world, last who keeps the data. The copies of one service end together. */
export async function stopInOrder(context: LaunchContext, plan: Plan): Promise<void> {
  context.close()
  const limitMs = context.settings.drainMs + closingMs
  for (const name of [...plan.services.map((service) => service.name), 'nats', 'postgres']) {
    const copies = [...context.supervised.values()].filter((supervised) => isCopyOf(name, supervised))
    await Promise.all(copies.map((copy) => copy.stop(limitMs)))
  }
}

/** No more waiting for services; NATS and Postgres still end in good order, which takes them no time. */
export function killServices(context: LaunchContext): void {
  for (const supervised of context.supervised.values()) {
    if (!['nats', 'postgres'].includes(supervised.name)) supervised.kill()
  }
}

const isCopyOf = (name: string, supervised: Supervised) =>
  supervised.name === name || supervised.name.replace(/-\d+$/, '') === name
