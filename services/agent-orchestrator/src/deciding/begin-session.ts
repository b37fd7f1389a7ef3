import { type RunState, type SessionState, draft, isOnlyHistory, nextOfHistory } from '@spool/events'
import type { RunRequest } from '@spool/log'
import { type Circumstances, type Decision, append } from './decision.ts'

/** What comes between the start of a run and its message where the session begins with it; null: nothing more. */
export function beginSession(
  state: SessionState,
  run: RunState,
  request: RunRequest,
  { now }: Circumstances,
): Decision | null {
  if (run.input === null || !isBegunBy(state, run.id, run.input)) return null
  if (request.title !== undefined && state.title === null) {
    return append(draft('session.titled', { title: request.title }, now))
  }
  const next = nextOfHistory(request.history ?? [], state, run.input)
  return next === null ? null : append(draft('message.added', next, now))
}

/** Nothing was said in it before. A request that was refused does not count. */
function isBegunBy(state: SessionState, run: string, input: string): boolean {
  const isFirst = state.runs.every(({ id, startedSeq }) => id === run || startedSeq === null)
  return isFirst && state.forkedFrom === null && isOnlyHistory(state, input)
}
