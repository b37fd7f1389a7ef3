import type { Harm } from './fault.ts'
import { wiresOf } from './wires-of.ts'

/** Everything comes through, late. */
export const delay: Harm = async (system, fault, wait) => {
  const { lateMs = 100, forMs } = fault
  const wires = wiresOf(system, fault)
  for (const wire of wires) wire.delay(lateMs)
  await wait(forMs)
  for (const wire of wires) wire.delay(0)
}
