import type { MsgRequest, StoredMsg } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { QUEUES, type QueueName } from '../provisioning/stream-settings.ts'
import { askLeader } from '../reading/from-leader.ts'
import { REPLY_HEADER } from '../requests/reply-inbox.ts'

/*
 * The queues as they lie in their streams, read one message at a time from the leader: no consumer, so nothing is taken
 * from anybody.
 */

export type QueueStream = (typeof QUEUES)[QueueName]['stream']

export const QUEUE_STREAMS = ['CONTROL', 'INTAKE', 'WORK'] as const satisfies readonly QueueStream[]

export interface QueuedJob {
  readonly queue: QueueName
  readonly stream: QueueStream
  readonly seq: number
  readonly subject: string
  readonly ref: SessionRef
  /** The subject's tokens after the session: the job's key, or the kind and the id of what is asked for. */
  readonly tail: readonly string[]
  readonly queuedAtMs: number
  /** Where whoever asked for it waits for an answer. */
  readonly replyTo: string | undefined
  body(): string
}

export interface JobFilter {
  readonly queue?: QueueName | undefined
  readonly tenant?: string | undefined
  readonly session?: string | undefined
  /** Of each stream no more than up to that place; without it, all. */
  readonly upTo?: ReadonlyMap<QueueStream, number> | undefined
}

/** The oldest first. */
export async function* queuedJobs(bus: Bus, filter: JobFilter = {}): AsyncGenerator<QueuedJob, void, undefined> {
  const heads = await Promise.all(
    QUEUE_STREAMS.filter((stream) => filter.queue === undefined || QUEUES[filter.queue].stream === stream).map(
      async (stream) => {
        const jobs = jobsIn(bus, stream, filter)
        return { jobs, head: await jobs.next() }
      },
    ),
  )
  for (;;) {
    let oldest: (typeof heads)[number] | undefined
    for (const one of heads) {
      if (one.head.done) continue
      if (oldest === undefined || one.head.value.queuedAtMs < (oldest.head.value as QueuedJob).queuedAtMs) oldest = one
    }
    if (oldest === undefined || oldest.head.done) return
    yield oldest.head.value
    oldest.head = await oldest.jobs.next()
  }
}

/** `null`: there is none at that place, or none any more. */
export async function queuedJobAt(bus: Bus, stream: QueueStream, seq: number): Promise<QueuedJob | null> {
  const message = await askLeader(bus, stream, { seq })
  return message === null ? null : jobOf(stream, message)
}

async function* jobsIn(bus: Bus, stream: QueueStream, filter: JobFilter): AsyncGenerator<QueuedJob, void, undefined> {
  const subject = subjectOf(stream, filter)
  const last = filter.upTo === undefined ? Number.POSITIVE_INFINITY : (filter.upTo.get(stream) ?? 0)
  for (let seq = 1; ;) {
    const message = await askLeader(bus, stream, { seq, next_by_subj: subject } as MsgRequest)
    if (message === null || message.seq > last) return
    seq = message.seq + 1
    yield jobOf(stream, message)
  }
}

function subjectOf(stream: QueueStream, { queue, tenant = '*', session = '*' }: JobFilter): string {
  const first = stream === 'WORK' ? `work.${queue ?? '*'}` : stream.toLowerCase()
  return `${first}.*.${tenant}.${session}.>`
}

function jobOf(stream: QueueStream, message: StoredMsg): QueuedJob {
  const { subject, seq, timestamp, header } = message
  const tokens = subject.split('.')
  const at = stream === 'WORK' ? 3 : 2
  return {
    queue: (stream === 'WORK' ? tokens[1] : stream.toLowerCase()) as QueueName,
    stream,
    seq,
    subject,
    ref: { tenant: tokens[at]!, session: tokens[at + 1]! },
    tail: tokens.slice(at + 2),
    queuedAtMs: Date.parse(timestamp),
    replyTo: header.get(REPLY_HEADER) || undefined,
    body: () => message.string(),
  }
}
