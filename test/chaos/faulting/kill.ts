import { setTimeout as sleep } from 'node:timers/promises'
import type { ChaosSystem } from '../chaos-system.ts'
import type { Harm } from './fault.ts'
import { pidOf, signal } from './processes.ts'

/** `kill -9`; the launcher starts it again. */
export const kill: Harm = (system, { targets }) => endAll(system, targets, 'SIGKILL')

/** It may finish what it is at, for as long as the launcher of a test allows. */
export const terminate: Harm = (system, { targets }) => endAll(system, targets, 'SIGTERM')

async function endAll(system: ChaosSystem, targets: readonly string[], name: NodeJS.Signals): Promise<void> {
  const ended = targets.map((target) => [target, signal(system, target, name)] as const)
  for (const [target, pid] of ended) while ([undefined, pid].includes(pidOf(system, target))) await sleep(20)
}
