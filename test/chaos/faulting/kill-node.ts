import type { RunningNats } from '@spool/testing'
import type { ChaosSystem } from '../chaos-system.ts'
import type { Harm } from './fault.ts'
import { leaderOf, untilWhole } from './cluster-state.ts'

/** One of the servers of the cluster, by its number. */
export const killNode: Harm = (system, { targets, forMs }, wait) => {
  const [, number] = targets[0]!.split('-')
  return down(system, system.cluster!.nodes[Number(number) - 1]!, () => wait(forMs))
}

/** The one through which each append to the log goes. */
export const killLeader: Harm = async (system, { forMs }, wait) => {
  const leader = await leaderOf(system.natsUrl, 'LOG')
  return down(
    system,
    system.cluster!.nodes.find(({ name }) => name === leader)!,
    () => wait(forMs),
  )
}

/** Whole again, for two of three that are down at once are an outage, and no fault of a node. */
async function down(system: ChaosSystem, node: RunningNats, wait: () => Promise<void>): Promise<void> {
  await node.kill()
  await wait()
  await node.restart()
  await untilWhole(system.natsUrl, node)
}
