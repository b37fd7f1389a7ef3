import { eventAt, type Log, SessionErased, type SessionRef } from '@spool/log'

/** Between two events of runs lies little. */
const FURTHEST = 1000

/**
 * Whose run the event at a cursor belongs to; of one that belongs to none, the run that was under way there. Without a
 * cursor, the run at the end: one that only waits is nobody's answer yet. `null`: there is none.
 */
export async function runAt(
  log: Log,
  ref: SessionRef,
  { cursor, end }: { cursor: number; end: number },
  signal: AbortSignal,
): Promise<string | null> {
  let waiting: string | null = null
  for (let at = cursor || end, steps = 0; at > 0 && steps < FURTHEST; steps++) {
    const stored = await eventAt(log, ref, at, signal)
    if (stored.type === 'session.erased') throw new SessionErased(ref.session)
    const run = stored.event()?.run
    if (run !== undefined && (stored.type !== 'run.queued' || at === cursor)) return run
    waiting ??= run ?? null
    at = stored.prev
  }
  return waiting
}
