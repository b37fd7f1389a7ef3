import {
  draft,
  endOfExternal,
  isOpenMessage,
  type ReportedUsage,
  type SessionState,
  timingOfExternal,
  type Usage,
} from '@spool/events'
import { Problem } from '../problems/problem.ts'
import type { FinalizeBody } from './bodies.ts'
import { append, answer, type Decision, refuse } from './decision.ts'
import { closedBy, producedMessage } from './produced-message.ts'

/** Reasons for which what was written is not what should have been. */
const PARTIAL = /^(cancelled$|error: )/

export interface Finalize extends FinalizeBody {
  readonly message: string
}

export interface Finalized {
  readonly run: string
  readonly status: 'complete' | 'partial'
  readonly finish_reason: string
  /** The position of the run's end. */
  readonly seq: number
}

export function decideFinalize(state: SessionState, call: Finalize, now: Date): Decision<Finalized> {
  const found = producedMessage(state, call.message)
  if (found instanceof Problem) return refuse(found)
  const { message, run } = found
  const { finish_reason: reason, usage } = call
  const status = PARTIAL.test(reason) ? 'partial' : 'complete'
  if (isOpenMessage(message)) {
    const cancelled = closedBy(found)
    if (cancelled !== null) return refuse(cancelled)
    const close = {
      run: run.id,
      message: message.id,
      status,
      reason,
      usage,
      timing: timingOfExternal(message, now),
    } as const
    return append(draft('message.completed', close, now))
  }
  if (message.reason !== reason || !isSame(message.usage, usage)) return refuse(closedBy(found)!)
  // Whoever closed it may have died before it could end the run.
  const end = endOfExternal(state, run, now)
  return end === null ? answer({ run: run.id, status, finish_reason: reason, seq: run.endedSeq! }) : append(end)
}

const COUNTS = ['input_tokens', 'output_tokens', 'cached_tokens', 'reasoning_tokens'] as const

/** What was not counted is 0. */
function isSame(stored: Usage, given: ReportedUsage | undefined): boolean {
  return COUNTS.every((name) => stored[name] === (given?.[name] ?? 0))
}
