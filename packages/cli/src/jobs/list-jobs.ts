import {
  type JobFilter,
  jobStates,
  type Log,
  type QueuedJob,
  queuedJobs,
  type QueueName,
  queueProgress,
  type QueueProgress,
  QUEUES,
} from '@spool/log'
import type { Context } from '../command.ts'
import { table } from '../output/table.ts'
import { loggedAttempts } from './logged-attempts.ts'
import { JOB_COLUMNS, jobDocument, jobRow } from './shown-job.ts'

/** The workers are asked once per page, and that takes a moment. */
const PAGE = 2000

export async function listJobs(context: Context, filter: JobFilter, limit: number): Promise<void> {
  const { output, connections, signal } = context
  const log = await connections.log()
  // Before the jobs are read: what it says was given out was so then.
  const progress = await progressOf(log, filter)
  const rows: string[][] = []
  let more = false
  let count = 0
  let page: QueuedJob[] = []
  const reading = output.progress('jobs', total(progress))
  const show = async () => {
    const states = await jobStates(log.bus, page, progress)
    const attempts = await loggedAttempts(log, states)
    const nowMs = Date.now()
    for (const { job, state } of states) {
      const listed = { job, state, logged: attempts.get(job) ?? null }
      output.data(jobDocument(listed, nowMs))
      rows.push(jobRow(listed, nowMs))
    }
    page = []
  }
  for await (const job of queuedJobs(log.bus, filter)) {
    signal.throwIfAborted()
    if (count === limit) {
      more = true
      break
    }
    count++
    reading.add()
    if (page.push(job) === PAGE) await show()
  }
  reading.end()
  if (page.length > 0) await show()
  if (rows.length > 0) for (const line of table([JOB_COLUMNS, ...rows])) output.line(line)
  for (const line of summary(progress)) output.note(line)
  if (more) output.note(`The oldest ${limit} are shown; --limit and --all show more.`)
}

/** Of each queue that is asked about. */
export async function progressOf(log: Log, { queue }: JobFilter): Promise<Map<QueueName, QueueProgress>> {
  const names = queue === undefined ? (Object.keys(QUEUES) as QueueName[]) : [queue]
  return new Map(await Promise.all(names.map(async (name) => [name, await queueProgress(log.bus, name)] as const)))
}

const total = (progress: ReadonlyMap<QueueName, QueueProgress>) =>
  [...progress.values()].reduce((sum, { waiting, open }) => sum + waiting + open, 0)

function summary(progress: ReadonlyMap<QueueName, QueueProgress>): string[] {
  const busy = [...progress].filter(([, { waiting, open }]) => waiting + open > 0)
  if (busy.length === 0) return ['No jobs: nothing waits and nothing is being worked on.']
  return busy.map(([name, { waiting, open }]) => `${name}: ${waiting} waiting, ${open} given out`)
}
