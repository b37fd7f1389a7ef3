import { type SessionState, pending } from '@spool/events'
import { SessionErased } from '../errors.ts'
import type { SessionLoader } from '../loading/session-loader.ts'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { currentTrace } from '../tracing/trace-parent.ts'
import { type Settlement, DONE, NOT_MINE } from './delivery.ts'
import { publishJob } from './publish-job.ts'
import type { Worker } from './worker.ts'

/** What one worker does over a while, and another takes over when it dies. */
export interface LongWork {
  /** Whether somebody still has to see to it. */
  isWanted(state: SessionState): boolean
  /** The worker that the log names; null: nobody has begun. */
  ownerOf(state: SessionState): string | null
  /** The state in which it left the session, or that this process must let go of it. */
  carryOut(state: SessionState): Promise<SessionState | 'handed-over'>
  /** The session was erased meanwhile: what this one has put elsewhere for it would stay for good. */
  clear?(): Promise<void>
}

export interface LongWorker {
  readonly log: Log
  readonly loader: SessionLoader
  readonly worker: Worker
  /** Aborted when this process must let go. */
  readonly lettingGo: AbortSignal
}

export type SeenThrough =
  /** It has ended, or is wanted no more, and what follows from that is asked for. */
  | 'done'
  /** Another worker is on it. */
  | 'not-mine'
  /** This process is going down: the next one goes on from what is in the log. */
  | 'handed-over'

/** Sees a job through to its end; takes over what a dead worker left. */
export async function seeThrough(
  by: LongWorker,
  ref: SessionRef,
  jobSubject: string,
  work: LongWork,
): Promise<SeenThrough> {
  try {
    const found = await unowned(by, ref, jobSubject, work)
    if (found === null) return 'not-mine'
    const end = work.isWanted(found) ? await work.carryOut(found) : found
    if (end === 'handed-over') return end
    if (end.erased) return await cleared(by, ref, work)
    by.loader.keep(ref, end)
    // A newer attempt is at it: to ack would take the job away from under that one.
    if (work.isWanted(end)) return 'not-mine'
    for (const job of pending(end)) await publishJob(by.log, ref, job, currentTrace())
    return 'done'
  } catch (error) {
    if (error instanceof SessionErased) return cleared(by, ref, work)
    if (by.lettingGo.aborted && isAbort(error, by.lettingGo)) return 'handed-over'
    throw error
  }
}

async function cleared({ loader }: LongWorker, ref: SessionRef, work: LongWork): Promise<'done'> {
  loader.forget(ref)
  await work.clear?.()
  return 'done'
}

/** What becomes of the job in its queue. */
export function settlementOf(seen: SeenThrough): Settlement {
  if (seen === 'done') return DONE
  return seen === 'not-mine' ? NOT_MINE : { kind: 'later', delayMs: 0 }
}

/** The session as it stands once nobody else is on it; `null` where somebody is. */
async function unowned(
  { loader, worker, lettingGo }: LongWorker,
  ref: SessionRef,
  jobSubject: string,
  work: LongWork,
): Promise<SessionState | null> {
  for (let asked: string | null = null; ;) {
    const state = await loader.load(ref)
    const owner = work.isWanted(state) ? work.ownerOf(state) : null
    // Asking takes a while, in which another may have taken it over, or the one that was asked may have finished.
    if (owner === null || owner === asked) return state
    if (await worker.stillHas(owner, jobSubject, lettingGo)) return null
    asked = owner
  }
}

/** Timers wrap the reason of an abort in an error of their own. */
function isAbort(error: unknown, { reason }: AbortSignal): boolean {
  return error === reason || (error instanceof Error && (error.name === 'AbortError' || error.name === reason?.name))
}
