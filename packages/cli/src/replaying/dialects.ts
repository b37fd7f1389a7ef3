import { frameOf, type StoredEvent } from '@spool/log'
import { usageProblem } from '../problem.ts'

/** How events are written for a client: what a gateway would have sent it. */
export interface Dialect {
  /** For one client from its first event on: what an event becomes. */
  encoder(session: string): (event: StoredEvent) => Uint8Array
}

/** Whoever adds a dialect adds it here. */
const DIALECTS: Readonly<Record<string, Dialect>> = {
  native: { encoder: (session) => (event) => frameOf(event, session) },
}

export function dialectOf(name: string): Dialect {
  if (Object.hasOwn(DIALECTS, name)) return DIALECTS[name]!
  throw usageProblem(`There is no dialect "${name}". There is: ${Object.keys(DIALECTS).join(', ')}.`)
}
