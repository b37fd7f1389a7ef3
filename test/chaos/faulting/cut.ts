import type { Harm } from './fault.ts'
import { wiresOf } from './wires-of.ts'

/** Every connection ends; whoever comes back at once is let in. */
export const cut: Harm = async (system, fault) => {
  for (const wire of wiresOf(system, fault)) wire.cutAll()
}

/** Every connection ends, and for a while there is no other. */
export const refuse: Harm = async (system, fault, wait) => {
  const wires = wiresOf(system, fault)
  for (const wire of wires) {
    wire.refuse(true)
    wire.cutAll()
  }
  await wait(fault.forMs)
  for (const wire of wires) wire.refuse(false)
}
