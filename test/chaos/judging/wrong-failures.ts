import type { CallState, RunState, SessionState } from '@spool/events'
import { type Disturbance, hurts, isBlamed } from './blame.ts'

/** All that was asked for can be done: what fails all the same has a person to blame, or something that was done to the system. */
export function wrongFailures({ calls, runs }: SessionState, disturbances: readonly Disturbance[]): string[] {
  const failed = calls.filter((call) => call.status === 'failed' && !isExcused(call, runs, disturbances))
  const forgotten = runs.filter(({ memoryState, endedAt }) => {
    const window = { from: later(endedAt, -AFTERMATH_MS), to: later(endedAt, MEMORY_WITHIN_MS) }
    return memoryState.status === 'failed' && !isBlamed(disturbances, window)
  })
  return [
    ...failed.map((call) => `a call failed: ${JSON.stringify(call)}`),
    ...forgotten.map(({ id, memoryState }) => `nothing is remembered of ${id}: ${JSON.stringify(memoryState.error)}`),
  ]
}

function isExcused(
  { run, error, worker, calledAt, endedAt }: CallState,
  runs: readonly RunState[],
  disturbances: readonly Disturbance[],
): boolean {
  const window = { from: calledAt, to: endedAt }
  switch (error?.code) {
    case 'cancelled':
      return runs.find(({ id }) => id === run)?.status === 'cancelled'
    case 'tool_unknown_outcome':
    case 'tool_gave_up':
      return isBlamed(disturbances, window, hurts('agent-orchestrator'))
    case 'timed_out':
      return isBlamed(disturbances, window, (one) => isFreezeOf(worker, one) && overlap(one, window) > FROZEN_MS)
    default:
      return false
  }
}

/** Tools have 30 s each; so little is left of them for one whose program is woken then: its time was over when it was. */
const FROZEN_MS = 28_000

const isFreezeOf = (worker: string | null, { kind, targets }: Disturbance) =>
  kind === 'freeze' && targets.some((instance) => worker?.startsWith(`${instance}-`) === true)

const overlap = ({ from, to }: Disturbance, window: { from: string; to: string | null }) =>
  Math.min(Date.parse(window.to ?? ''), to) - Math.max(Date.parse(window.from), from)

/** Nobody waits longer for a memory. */
const MEMORY_WITHIN_MS = 12_000
/** For so long a job may lie with somebody who is not there any more, until it is given to the next one. */
const AFTERMATH_MS = 40_000

const later = (at: string | null, ms: number) => (at === null ? null : new Date(Date.parse(at) + ms).toISOString())
