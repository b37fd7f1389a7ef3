import { parseCursor, runOf } from '@spool/events'
import type { ClientLog } from '../client-log.ts'
import { differenceOf } from './difference-of.ts'
import type { LoggedSession } from './logged-session.ts'

/** What is wrong with what somebody saw who is told the events themselves: each of the window, once, as it lies there. */
export function clientFaults(client: ClientLog, logged: LoggedSession): string[] {
  const window = windowOf(client, logged)
  if (typeof window === 'string') return [window]
  const faults: string[] = []
  const seen = client.events.map((event) => JSON.stringify(event))
  const wanted = logged.told.slice(window.from, window.to)
  const difference = differenceOf(seen, wanted)
  if (difference !== null) faults.push(`saw something else than the log holds: ${difference}`)
  let before = logged.events[window.from - 1]?.seq ?? 0
  for (const { seq, prev } of client.events) {
    if (prev !== before) {
      faults.push(`saw a broken chain: ${seq} follows ${prev}, the one before was ${before}`)
      break
    }
    before = seq
  }
  return faults
}

/** What it should have seen, as indexes of the session's events. */
export function windowOf(
  { run: id, after }: Pick<ClientLog, 'run' | 'after'>,
  { events, state }: LoggedSession,
): { from: number; to: number } | string {
  const cursor = after === null ? { epoch: 0, seq: 0 } : parseCursor(after)
  if (cursor === null) return `began behind ${after}, which is no cursor`
  const behind = (seq: number) => {
    const index = events.findIndex((event) => event.seq > seq)
    return index < 0 ? events.length : index
  }
  if (cursor.seq > 0 && !events.some(({ seq, epoch }) => seq === cursor.seq && epoch === cursor.epoch)) {
    return `began behind ${after}, where there is no event`
  }
  if (id === null) return { from: behind(cursor.seq), to: events.length }
  const run = runOf(state, id)
  if (run === undefined) return `followed the run ${id}, which is not in the log`
  if (run.lastSeq === null) return `followed the run ${id}, which has no end`
  return { from: behind(Math.max(cursor.seq, run.firstSeq - 1)), to: behind(run.lastSeq) }
}
