import { dropJob, type QueuedJob, queuedJobAt } from '@spool/log'
import type { Context } from '../command.ts'
import { ExitCode } from '../exit-codes.ts'
import { failed } from '../problem.ts'
import { agree } from './agree.ts'
import { idOfJob, readJobId } from './job-id.ts'

export async function dropJobs(context: Context, ids: readonly string[]): Promise<ExitCode | void> {
  const { output, connections, signal } = context
  const places = ids.map(readJobId)
  const bus = await connections.bus()
  const jobs: QueuedJob[] = []
  let missed = 0
  const gone = (id: string) => {
    missed++
    output.data({ id, outcome: 'gone' })
    output.note(`${id} is not there, or not any more. Nothing was done.`)
  }
  for (const place of places) {
    const job = await queuedJobAt(bus, place.stream, place.seq)
    if (job === null) gone(idOfJob(place))
    else jobs.push(job)
  }
  const requests = jobs.filter(({ stream }) => stream !== 'WORK')
  if (requests.length > 0 && !(await agree(context, questionOf(requests)))) throw failed('Nothing was dropped.')
  for (const job of jobs) {
    signal.throwIfAborted()
    const id = idOfJob(job)
    if (!(await dropJob(bus, job))) {
      gone(id)
      continue
    }
    output.data({ id, outcome: 'dropped', kind: job.queue, ...job.ref })
    output.line(`dropped ${id} (${job.queue}, session ${job.ref.session} of ${job.ref.tenant})`)
  }
  if (jobs.some(({ stream }) => stream === 'WORK')) {
    output.note(
      'Where its run still calls for it, such a job is back within 30 s. To end it for good, cancel the run:\nPOST /v1/sessions/<session>/runs/<run>/cancel',
    )
  }
  return missed > 0 ? ExitCode.failed : undefined
}

function questionOf(requests: readonly QueuedJob[]): string {
  const whose = requests.map((job) => `${idOfJob(job)} (${job.queue}, session ${job.ref.session})`).join(', ')
  return `${whose}: what people have asked for is lost for good. Drop it?`
}
