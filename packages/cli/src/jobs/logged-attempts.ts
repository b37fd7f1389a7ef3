import { callOf, messageOf } from '@spool/events'
import { type JobState, type Log, type QueuedJob, SessionLoader } from '@spool/log'
import type { LoggedAttempt } from './shown-job.ts'

/** Each costs the reading of a session. */
const MOST_LOOKED_UP = 100
const PATIENCE_MS = 2000
const AT_A_TIME = 8

/**
 * For calls of models and tools that were given out: the attempt that the log knows of. What cannot be found out soon
 * is left out.
 */
export async function loggedAttempts(
  log: Log,
  jobs: readonly { readonly job: QueuedJob; readonly state: JobState }[],
): Promise<Map<QueuedJob, LoggedAttempt>> {
  const found = new Map<QueuedJob, LoggedAttempt>()
  const wanted = jobs
    .filter(({ job, state }) => (job.queue === 'llm' || job.queue === 'tool') && state.kind !== 'waiting')
    .slice(0, MOST_LOOKED_UP)
    .map(({ job }) => job)
  const loader = new SessionLoader(log)
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const lookUp = async (): Promise<void> => {
    for (let job = wanted.shift(); job !== undefined; job = wanted.shift()) {
      const state = await loader.load(job.ref, signal)
      const [id = ''] = job.tail
      if (job.queue === 'llm') {
        const message = messageOf(state, id)
        if (message) found.set(job, { run: message.run, attempt: message.attempt, worker: message.worker })
      } else {
        const call = callOf(state, id)
        if (call) found.set(job, { run: call.run, attempt: call.attempt, worker: call.worker })
      }
    }
  }
  await Promise.allSettled(Array.from({ length: AT_A_TIME }, lookUp))
  return found
}
