import {
  type JobFilter,
  type JobState,
  jobStates,
  type QueuedJob,
  queuedJobAt,
  queuedJobs,
  type QueueName,
  type QueueProgress,
  QUEUES,
  type QueueStream,
  requeueJob,
} from '@spool/log'
import type { Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { idOfJob, readJobId } from './job-id.ts'
import { progressOf } from './list-jobs.ts'

/** What became of one. */
type Outcome = 'requeued' | 'waiting' | 'in work' | 'gone'

export async function requeueJobs(
  context: Context,
  filter: JobFilter,
  ids: readonly string[],
): Promise<ExitCode | void> {
  const { output, connections, signal } = context
  const places = ids.map(readJobId)
  const log = await connections.log()
  const progress = await progressOf(log, filter)
  const jobs: QueuedJob[] = []
  for (const place of places) {
    const job = await queuedJobAt(log.bus, place.stream, place.seq)
    if (job === null) say(idOfJob(place), 'gone')
    else jobs.push(job)
  }
  if (places.length === 0) {
    for await (const job of queuedJobs(log.bus, { ...filter, upTo: givenOut(progress) })) {
      signal.throwIfAborted()
      if (job.seq <= progress.get(job.queue)!.givenOutSeq) jobs.push(job)
    }
  }
  let missed = places.length - jobs.length
  for (const { job, state } of await jobStates(log.bus, jobs, progress)) {
    signal.throwIfAborted()
    // Every one that a worker has is in good hands; one that is named may be with a step that hangs.
    const leaveIt = state.kind === 'in work' && (places.length === 0 || isAskedFor(job))
    if (leaveIt && places.length === 0) continue
    const given = !leaveIt && (await requeueJob(log.bus, job, progress.get(job.queue)!))
    if (leaveIt) missed++
    say(idOfJob(job), leaveIt ? 'in work' : given ? 'requeued' : 'waiting', job, state)
  }
  if (places.length === 0 && jobs.length === 0) output.note('Nothing was given out that could be given out again.')
  return missed > 0 ? ExitCode.failed : undefined

  function say(id: string, outcome: Outcome, job?: QueuedJob, state?: JobState): void {
    const by = state?.kind === 'in work' ? state.instance : null
    output.data({ id, outcome, kind: job?.queue ?? null, session: job?.ref.session ?? null, by })
    if (outcome === 'requeued') output.line(`${id} is given out again${by === null ? '' : `; ${by} has it too`}`)
    else if (outcome === 'waiting') output.line(`${id} waits for a free worker; nothing else holds it up`)
    else if (outcome === 'gone') output.note(`${id} is not there, or not any more. Nothing was done.`)
    else output.note(`${id} is left to ${by}, which answers for it. To end it, cancel its run or end that process.`)
  }
}

/** Beyond the last job that was given out there are only those that wait for a free worker. */
function givenOut(progress: ReadonlyMap<QueueName, QueueProgress>): Map<QueueStream, number> {
  const upTo = new Map<QueueStream, number>()
  for (const [queue, { givenOutSeq }] of progress) {
    const { stream } = QUEUES[queue]
    upTo.set(stream, Math.max(givenOutSeq, upTo.get(stream) ?? 0))
  }
  return upTo
}

/** Whoever takes over such a job asks the worker that the log names first, and leaves it alone if that one answers. */
const isAskedFor = ({ queue }: QueuedJob) => queue === 'llm' || queue === 'tool'
