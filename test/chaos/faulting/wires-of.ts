import type { TcpProxy } from '@spool/testing'
import type { ChaosSystem } from '../chaos-system.ts'
import type { PlannedFault } from './fault.ts'

/** `provider`, or `gateway-1 nats`. */
export function wiresOf({ provider, wires }: ChaosSystem, { targets }: PlannedFault): readonly TcpProxy[] {
  return targets.flatMap((target) => {
    if (target === 'provider') return provider.wire
    const [instance, server] = target.split(' ') as [string, 'nats' | 'postgres']
    return wires.of(instance, server)
  })
}
