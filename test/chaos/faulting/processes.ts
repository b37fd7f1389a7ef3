import type { ChaosSystem } from '../chaos-system.ts'

/** Of `gateway-1`, `nats` or `postgres`; undefined while it does not run. */
export function pidOf({ spool }: ChaosSystem, target: string): number | undefined {
  const [, name = target, copy = '1'] = /^(.*)-(\d+)$/.exec(target) ?? []
  try {
    return spool.pidOf(name, Number(copy))
  } catch {
    return undefined
  }
}

/** Gives back which process was sent the signal, if one runs. */
export function signal(system: ChaosSystem, target: string, name: NodeJS.Signals): number | undefined {
  const pid = pidOf(system, target)
  if (pid === undefined) return undefined
  try {
    process.kill(pid, name)
    return pid
  } catch {
    // It died a moment ago.
    return undefined
  }
}
