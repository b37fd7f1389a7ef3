import { draft, type SessionState } from '@spool/events'
import { Problem } from '../problems/problem.ts'
import type { CustomBody } from './bodies.ts'
import { append, type Decision, refuse } from './decision.ts'
import { closedBy, producedMessage } from './produced-message.ts'

export interface Custom extends CustomBody {
  readonly message: string
}

/** Whatever a producer says beside its text, as long as its message is open. */
export function decideCustom(
  state: SessionState,
  { message, type, data }: Custom,
  now: Date,
): Decision<{ run: string }> {
  const found = producedMessage(state, message)
  if (found instanceof Problem) return refuse(found)
  const closed = closedBy(found)
  if (closed !== null) return refuse(closed)
  const run = found.run.id
  return append(draft(type as `custom.${string}`, { run, ...(data !== undefined && { data }) }, now), { run })
}
