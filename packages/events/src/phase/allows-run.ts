import { queuedRuns, runOf, type SessionState } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { notCopying } from './allows-fork.ts'
import { active, notCancelled, nothingOpen, type Refusal } from './rules.ts'

export function allowsQueued(state: SessionState, event: EventOf<'run.queued'>): Refusal {
  if (runOf(state, event.run) !== undefined) return `run ${event.run} is there already`
  if (state.activeRun === null && queuedRuns(state).length === 0) return 'there is no run to wait for'
  return null
}

export function allowsRun(state: SessionState, event: EventOf<'run.started'>): Refusal {
  if (state.activeRun !== null) return `run ${state.activeRun} is active`
  const early = notCopying(state)
  if (early !== null) return early
  const known = runOf(state, event.run)
  if (known !== undefined && known.status !== 'queued') return `run ${event.run} is over`
  const first = queuedRuns(state)[0]
  if (first !== undefined && first.id !== event.run) return `run ${first.id} was queued before run ${event.run}`
  return notCancelled(state, event.run)
}

export function allowsCancelRequest(state: SessionState, event: EventOf<'run.cancel_requested'>): Refusal {
  const run = runOf(state, event.run)
  if (run === undefined) return `there is no run ${event.run}`
  if (run.endedSeq !== null) return `run ${event.run} is over`
  return notCancelled(state, event.run)
}

type Ending = EventOf<'run.completed'> | EventOf<'run.cancelled'> | EventOf<'run.failed'>

export function allowsEnd(state: SessionState, event: Ending): Refusal {
  const run = runOf(state, event.run)
  // A request that is refused after it had been accepted fails without ever having been a run.
  if (run === undefined) return event.type === 'run.failed' ? null : `there is no run ${event.run}`
  if (run.endedSeq !== null) return `run ${event.run} is over`
  if (event.type !== 'run.completed') return nothingOpen(state, event.run)
  return active(state, event.run) ?? notCancelled(state, event.run) ?? nothingOpen(state, event.run)
}

type MemoryEvent = EventOf<'memory.progress'> | EventOf<'memory.updated'> | EventOf<'memory.failed'>

export function allowsMemory(state: SessionState, event: MemoryEvent): Refusal {
  const run = runOf(state, event.run)
  if (run === undefined) return `there is no run ${event.run}`
  if (run.endedSeq === null) return `run ${event.run} has not ended yet`
  return run.memoryState.status === 'pending' ? null : `the memory of run ${event.run} is settled`
}
