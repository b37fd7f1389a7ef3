import { type Feed, oldestRequest } from '@spool/log'
import { sessionNotFound, storeUnavailable } from '../problems/known-problems.ts'
import { inTime } from '../serving/in-time.ts'

const LOOK_TIMEOUT_MS = 5000

/** A session is there from the first request for a run on, also before anybody has taken that up. */
export async function assertBegun(feed: Feed): Promise<void> {
  if (feed.tail > 0) return
  const isThere = await inTime(LOOK_TIMEOUT_MS, storeUnavailable, async () => {
    if ((await oldestRequest(feed.log, feed.ref)) !== null) return true
    // Its beginning may have been missed here, or is a moment old.
    await feed.verify()
    feed.assertUsable()
    return feed.tail > 0
  })
  if (!isThere) throw sessionNotFound(feed.ref.session)
}
