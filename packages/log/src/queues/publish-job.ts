import { JetStreamApiError } from '@nats-io/jetstream'
import { headers } from '@nats-io/nats-core'
import type { Job } from '@spool/events'
import { BusUnavailable, QueueFull } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { Header } from '../stored-event.ts'

const STORE_FAILED = 10077
const ALREADY_THERE = /maximum messages per subject exceeded/i
/** The server's words for a stream at its limit of bytes or messages. */
const FULL = new Set([STORE_FAILED, 10023, 10047])

/** Its subject says it all. But what is empty ends a pull, where NATS passes that on from one account to another. */
const JOB_BODY = '{}'

/** Asks for a job. Its subject is its identity: one that already waits or is being worked on is not doubled. */
export async function publishJob(log: Log, ref: SessionRef, job: Job, trace?: string): Promise<void> {
  await enqueue(
    log,
    log.subjects.work(ref, job.kind, job.key),
    JOB_BODY,
    trace === undefined ? {} : { [Header.trace]: trace },
  )
}

/** Puts a message into a queue; resolves when it is safe there. */
export async function enqueue(
  log: Log,
  subject: string,
  body: string | Uint8Array,
  head: Record<string, string> = {},
): Promise<void> {
  const hdrs = headers()
  for (const [name, value] of Object.entries(head)) hdrs.set(name, value)
  try {
    await log.bus.whileConnected(log.bus.js.publish(subject, body, { headers: hdrs }))
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error instanceof BusUnavailable ? error : new BusUnavailable(error)
    if (!FULL.has(error.code)) throw error
    if (error.code === STORE_FAILED && ALREADY_THERE.test(error.message)) return
    throw new QueueFull(subject.split('.', 2).join('.'), error)
  }
}
