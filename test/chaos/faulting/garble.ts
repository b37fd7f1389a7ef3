import type { Harm } from './fault.ts'
import { wiresOf } from './wires-of.ts'

/** No HTTP, no frame of it, no JSON and no text in quotes: wherever it comes, it can be told from an answer. */
const GARBAGE = Buffer.from('<html>\u0000\u0007 502 Bad Gateway "}]}\n\n data: {[}\r\n\r\n')

/** What comes back is not what was said. */
export const garble: Harm = async (system, fault, wait) => {
  const wires = wiresOf(system, fault)
  for (const wire of wires) wire.intercept('down', () => GARBAGE)
  await wait(fault.forMs)
  for (const wire of wires) wire.intercept('down', undefined)
}
