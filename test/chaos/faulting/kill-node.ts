import type { ChaosSystem } from '../chaos-system.ts'
import { leaderOf, untilWhole } from './cluster-state.ts'
import type { Harm } from './fault.ts'

/** One of the servers of the cluster, by its number. */
export const killNode: Harm = (system, { targets, forMs }, wait, begins) =>
  inTurn(() => down(system, `-${targets[0]!.split('-')[1]}`, begins, () => wait(forMs)))

/** The one through which each append to the log goes. */
export const killLeader: Harm = (system, { forMs }, wait, begins) =>
  inTurn(async () => down(system, await leaderOf(system.natsUrl, 'LOG'), begins, () => wait(forMs)))

async function down(
  { cluster, natsUrl }: ChaosSystem,
  nameEnds: string,
  begins: () => void,
  wait: () => Promise<void>,
): Promise<void> {
  const node = cluster!.nodes.find(({ name }) => name.endsWith(nameEnds))!
  begins()
  await node.kill()
  await wait()
  await node.restart()
  await untilWhole(natsUrl, node)
}

let last: Promise<void> = Promise.resolve()

/** Where one takes longer than was planned, the next waits: two of three that are down are no fault of a node. */
function inTurn(harm: () => Promise<void>): Promise<void> {
  last = last.catch(() => undefined).then(harm)
  return last
}
