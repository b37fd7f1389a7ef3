import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { RunRequest } from '../requests/requests.ts'
import { queuedJobs } from './queued-jobs.ts'

/** The runs of a session that are asked for safely and that nobody has taken up yet, the oldest first. */
export async function queuedRuns(log: Log, ref: SessionRef, signal?: AbortSignal): Promise<string[]> {
  const runs: string[] = []
  for await (const job of queuedJobs(log.bus, { queue: 'intake', ...ref })) {
    signal?.throwIfAborted()
    const { run } = JSON.parse(job.body()) as RunRequest
    runs.push(run)
  }
  return runs
}
