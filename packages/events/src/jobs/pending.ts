import { isOpenCall } from '../state/call-state.ts'
import { isOpenMessage, type MessageState } from '../state/message-state.ts'
import type { RunState } from '../state/run-state.ts'
import { isBeingImported, queuedRuns, runOf, type SessionState } from '../state/session-state.ts'
import { hasOpenCall, isTurn } from '../phase/phase-of.ts'

/** `key` is a message, a call, a run, or the position after which there is something to decide. */
export interface Job {
  readonly kind: 'llm' | 'tool' | 'memory' | 'run'
  readonly key: string
}

/**
 * The work that a state calls for. It follows from the state alone: whoever publishes it again publishes the same jobs,
 * which the queue knows. The open part of a state calls for the same jobs as the whole.
 */
export function pending(state: SessionState): Job[] {
  if (state.erased || isBeingImported(state)) return []
  return [
    ...state.messages.filter((message) => isWantedFromModel(state, message)).map(({ id }) => job('llm', id)),
    ...state.calls.filter((call) => isOpenCall(call) && isRunning(state, call.run)).map(({ id }) => job('tool', id)),
    ...state.runs.filter(isMemoryReady).map(({ id }) => job('memory', id)),
    ...decisions(state).map((seq) => job('run', String(seq))),
  ]
}

function job(kind: Job['kind'], key: string): Job {
  return { kind, key }
}

/** The positions after which the orchestrator has something to decide; each tells of another thing. */
function decisions(state: SessionState): number[] {
  const active = runOf(state, state.activeRun)
  const first = queuedRuns(state)[0]
  const seqs = new Set<number>()
  if (active !== undefined && isOurTurn(state, active)) seqs.add(active.turnSeq)
  if (active === undefined && first !== undefined) seqs.add(Math.max(state.idleSeq, first.firstSeq))
  for (const run of queuedRuns(state)) if (run.cancelRequested !== null) seqs.add(run.cancelRequested.seq)
  for (const run of state.runs) {
    const undecided = undecidedMemorySeq(run)
    if (undecided !== null) seqs.add(undecided)
  }
  for (const result of state.results) seqs.add(result.seq)
  return [...seqs]
}

function isOurTurn(state: SessionState, run: RunState): boolean {
  // Also while its message is still open: it may be that nobody is left who would close it.
  if (run.cancelRequested !== null) return true
  if (state.question?.run === run.id || hasOpenCall(state, run)) return false
  if (state.messages.some((message) => message.run === run.id && holdsUp(message))) return false
  // A producer's run is our business only where the producer's gateway closed the message and died.
  return run.kind === 'agent' || run.turnSeq !== run.startedSeq
}

/** The next answer waits for the summary of what goes before it; a title and a memory hold up nothing. */
function holdsUp(message: MessageState): boolean {
  return isOpenMessage(message) && (isTurn(message) || message.purpose === 'summary')
}

function isWantedFromModel(state: SessionState, message: MessageState): boolean {
  if (!isOpenMessage(message) || message.requestedSeq === null) return false
  return !isTurn(message) || isRunning(state, message.run)
}

function isRunning(state: SessionState, run: string | null): boolean {
  return run !== null && run === state.activeRun && runOf(state, run)?.cancelRequested === null
}

function isMemoryReady(run: RunState): boolean {
  return isMemoryDue(run) && run.memoryState.message?.status === 'complete'
}

/** The memory's message is still to be requested, or has failed. */
function undecidedMemorySeq(run: RunState): number | null {
  if (!isMemoryDue(run)) return null
  const { message } = run.memoryState
  if (message === null) return run.endedSeq
  return message.status === 'partial' ? message.seq : null
}

function isMemoryDue(run: RunState): boolean {
  return run.memoryState.status === 'pending' && run.endedSeq !== null
}
