import type { Harm } from './fault.ts'
import { wiresOf } from './wires-of.ts'

/** Nothing comes through, and nobody is told; then all of it does. */
export const stall: Harm = async (system, fault, wait) => {
  const { direction = 'both', forMs } = fault
  const wires = wiresOf(system, fault)
  for (const wire of wires) wire.stall(direction, true)
  await wait(forMs)
  for (const wire of wires) wire.stall(direction, false)
}
