import type { RunState } from '@spool/events'

/** When a run will have used up its time by the clock; waiting for a person does not count. `null`: never. */
export function runDeadline(run: RunState): string | null {
  const seconds = run.limits?.wall_clock_seconds
  if (seconds === undefined || run.startedAt === null || run.endedSeq !== null) return null
  const ms = Date.parse(run.startedAt) + seconds * 1000 + run.waitedMs
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null
}
