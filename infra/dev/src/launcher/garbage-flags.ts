import { availableParallelism } from 'node:os'

/** With no more than these there is a token waiting for each of them, while all services run. */
const FEW_CORES = 4

/**
 * How a service's Node collects garbage. What lives for a moment, as tokens do, is gone before it counts as old where the
 * young have room. And where cores are few, the threads that help with the old ones take them from whoever has a token
 * in hand: on two they made up most of the longest waits (docs/decisions/0037).
 */
export function garbageFlags(cores = availableParallelism()): string[] {
  const room = '--max-semi-space-size=32'
  return cores > FEW_CORES ? [room] : [room, '--single-threaded-gc']
}
