import type { RunState } from '../state/run-state.ts'
import type { SessionState } from '../state/session-state.ts'
import { runOf } from '../state/session-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { addUsage, NO_USAGE } from '../vocabulary/usage.ts'
import { newRun, refusedRun, startQueued } from './new-run.ts'
import { withLast } from './with-last.ts'

export function queueRun(state: SessionState, event: EventOf<'run.queued'>, seq: number): SessionState {
  if (runOf(state, event.run) !== undefined) return state
  return { ...state, runs: [...state.runs, newRun(event, seq)] }
}

export function startRun(state: SessionState, event: EventOf<'run.started'>, seq: number): SessionState {
  const known = runOf(state, event.run)
  if (known !== undefined && known.status !== 'queued') return state
  return {
    ...state,
    activeRun: event.run,
    agent: event.agent ?? state.agent,
    language: event.language ?? state.language,
    runs:
      known === undefined
        ? [...state.runs, newRun(event, seq)]
        : withLast(state.runs, event.run, (run) => startQueued(run, event, seq)),
  }
}

/** Changes a run that has not ended; any other stays as it is. */
export function withRunning(state: SessionState, id: string, change: (run: RunState) => RunState): SessionState {
  const runs = withLast(state.runs, id, (run) => (run.endedSeq === null ? change(run) : run))
  return runs === state.runs ? state : { ...state, runs }
}

export function requestCancel(state: SessionState, event: EventOf<'run.cancel_requested'>, seq: number): SessionState {
  return withRunning(state, event.run, (run) =>
    run.cancelRequested !== null
      ? run
      : { ...run, cancelRequested: { seq, by: event.by, reason: event.reason, at: event.at }, turnSeq: seq },
  )
}

type Ending = EventOf<'run.completed'> | EventOf<'run.cancelled'> | EventOf<'run.failed'>

export function endRun(state: SessionState, event: Ending, seq: number): SessionState {
  const known = runOf(state, event.run)
  if (known === undefined) {
    if (event.type !== 'run.failed') return state
    return { ...state, runs: [...state.runs, ended(refusedRun(event.run, seq), event, seq)] }
  }
  const next = withRunning(state, event.run, (run) => ended(run, event, seq))
  return state.activeRun === event.run ? { ...next, activeRun: null, idleSeq: seq } : next
}

function ended(run: RunState, event: Ending, seq: number): RunState {
  const settled = run.memoryState.status !== 'pending'
  const common: RunState = {
    ...run,
    endedSeq: seq,
    lastSeq: settled ? seq : null,
    endedAt: event.at,
    // What the writer has added up stands; it is the same sum.
    usage: event.usage === undefined ? run.usage : addUsage(NO_USAGE, event.usage),
  }
  switch (event.type) {
    case 'run.completed':
      return { ...common, status: event.status, limit: event.limit ?? null, durationMs: event.duration_ms }
    case 'run.cancelled':
      return { ...common, status: 'cancelled', cancelled: { by: event.by, reason: event.reason } }
    case 'run.failed':
      return { ...common, status: 'failed', error: event.error, attempts: event.attempts ?? null }
  }
}
