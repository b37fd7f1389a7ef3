import { JetStreamApiError } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { answer } from '../requests/reply-inbox.ts'
import type { QueuedJob } from './queued-jobs.ts'

const NO_MESSAGE = 10037

/**
 * Takes a job out of its queue; whoever waits for an answer to it is told. A worker that has it goes on with it. `false`:
 * it was done, or dropped, before.
 */
export async function dropJob(bus: Bus, job: QueuedJob): Promise<boolean> {
  try {
    await bus.whileConnected(bus.jsm.streams.deleteMessage(job.stream, job.seq, false))
  } catch (error) {
    if (error instanceof JetStreamApiError && (error.code === NO_MESSAGE || error.status === 404)) return false
    throw error
  }
  answer(bus, job.replyTo, {
    ok: false,
    status: 409,
    code: 'request_dropped',
    message: 'An operator has taken this request out of its queue. It was not carried out.',
  })
  return true
}
