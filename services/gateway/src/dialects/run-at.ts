import { eventAt, type Log, SessionErased, type SessionRef } from '@spool/log'

/** Between two events of runs lies little. */
const FURTHEST = 1000

/**
 * Whose run the event at a position belongs to; of one that belongs to none, the run that was under way there. A run
 * that only waits is nobody's answer yet. `null`: there is none.
 */
export async function runAt(log: Log, ref: SessionRef, seq: number, signal: AbortSignal): Promise<string | null> {
  let waiting: string | null = null
  for (let at = seq, steps = 0; at > 0 && steps < FURTHEST; steps++) {
    const stored = await eventAt(log, ref, at, signal)
    if (stored.type === 'session.erased') throw new SessionErased(ref.session)
    const run = stored.event()?.run
    if (run !== undefined && stored.type !== 'run.queued') return run
    waiting ??= run ?? null
    at = stored.prev
  }
  return waiting
}
