import type { Bus } from '../connecting/bus.ts'
import { QUEUES, type QueueName } from '../provisioning/stream-settings.ts'
import { askWorkers } from './worker-status.ts'
import { type QueuedJob, queuedJobAt } from './queued-jobs.ts'

/** How a job stands. */
export type JobState =
  /** It was never given out: no worker was free. */
  | { readonly kind: 'waiting' }
  | {
      readonly kind: 'in work'
      readonly instance: string
      readonly worker: string
      readonly since: string
      readonly deliveries: number
    }
  /** A worker has put it off until then. */
  | { readonly kind: 'delayed'; readonly instance: string; readonly until: string }
  /** It was given out, and no worker that answers has it: the one that took it is frozen, or gone. */
  | { readonly kind: 'silent' }

/** How far a queue has been given out, as its consumer's leader has it. */
export interface QueueProgress {
  /** Jobs up to this place in the stream were given out at least once. */
  readonly givenOutSeq: number
  /** The number of the last delivery. */
  readonly deliverySeq: number
  readonly waiting: number
  /** Given out and not done: in work, delayed, or silent. */
  readonly open: number
}

export async function queueProgress(bus: Bus, queue: QueueName): Promise<QueueProgress> {
  const info = await bus.whileConnected(bus.jsm.consumers.info(QUEUES[queue].stream, queue))
  return {
    givenOutSeq: info.delivered.stream_seq,
    deliverySeq: info.delivered.consumer_seq,
    waiting: info.num_pending,
    open: info.num_ack_pending,
  }
}

/**
 * How each job stands; those that were done meanwhile are left out. `progress` was read before the jobs were: what it
 * says was given out was given out then.
 */
export async function jobStates(
  bus: Bus,
  jobs: readonly QueuedJob[],
  progress: ReadonlyMap<QueueName, QueueProgress>,
): Promise<{ readonly job: QueuedJob; readonly state: JobState }[]> {
  const wasGivenOut = (job: QueuedJob) => job.seq <= (progress.get(job.queue)?.givenOutSeq ?? 0)
  const known = jobs.some(wasGivenOut) ? await statesByWorkers(bus) : new Map<string, JobState>()
  const states: { job: QueuedJob; state: JobState }[] = []
  const unknown = new Map<QueuedJob, number>()
  for (const job of jobs) {
    const state = known.get(placeOf(job))
    if (state === undefined && wasGivenOut(job)) unknown.set(job, states.length)
    states.push({ job, state: state ?? { kind: wasGivenOut(job) ? 'silent' : 'waiting' } })
  }
  if (unknown.size === 0) return states
  // Between two answers a job may go from one worker to another, or be done: only who is silent twice is silent.
  const again = await statesByWorkers(bus)
  const gone = new Set<QueuedJob>()
  for (const [job, at] of unknown) {
    const state = again.get(placeOf(job))
    if (state !== undefined) states[at] = { job, state }
    else if ((await queuedJobAt(bus, job.stream, job.seq)) === null) gone.add(job)
  }
  return states.filter(({ job }) => !gone.has(job))
}

async function statesByWorkers(bus: Bus): Promise<Map<string, JobState>> {
  const states = new Map<string, JobState>()
  const workers = await askWorkers(bus)
  for (const { instance, put_off: putOff } of workers) {
    for (const { subject, seq, until } of putOff) {
      states.set(placeOf({ subject, seq }), { kind: 'delayed', instance, until })
    }
  }
  // Who has it now outweighs who had it.
  for (const { instance, worker, holds } of workers) {
    for (const { subject, seq, since, deliveries } of holds) {
      states.set(placeOf({ subject, seq }), { kind: 'in work', instance, worker, since, deliveries })
    }
  }
  return states
}

const placeOf = ({ subject, seq }: { readonly subject: string; readonly seq: number }) => `${subject} ${seq}`
