import type { Harm } from './fault.ts'
import { pidOf, signal } from './processes.ts'

/** Neither dead nor alive: its connections stay, and it believes afterwards that no time has passed. */
export const freeze: Harm = async (system, { targets, forMs }, wait) => {
  const frozen = targets.map((target) => [target, signal(system, target, 'SIGSTOP')] as const)
  await wait(forMs)
  for (const [target, pid] of frozen)
    if (pid !== undefined && pidOf(system, target) === pid) signal(system, target, 'SIGCONT')
}
