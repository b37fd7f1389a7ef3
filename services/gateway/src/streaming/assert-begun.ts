import { type Feed, queuedRuns } from '@spool/log'
import { sessionNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { inTime } from '../serving/in-time.ts'

const LOOK_TIMEOUT_MS = 5000

/** A session is there from the first request for a run on, also before anybody has taken that up. */
export async function assertBegun(feed: Feed): Promise<void> {
  if (feed.tail > 0) return
  const queued = await inTime(LOOK_TIMEOUT_MS, storeUnavailable, () => queuedRuns(feed.log, feed.ref))
  if (queued.length > 0) return
  // Its beginning may have been missed here, or is a moment old.
  await feed.verify()
  if (feed.tail === 0) throw sessionNotFound(feed.ref.session)
}
