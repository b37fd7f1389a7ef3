import type { Bus } from '../connecting/bus.ts'
import { BusUnavailable } from '../errors.ts'
import { QUEUES } from '../provisioning/stream-settings.ts'
import type { QueueProgress } from './job-states.ts'
import type { QueuedJob } from './queued-jobs.ts'

/**
 * Has a job that was given out given out again, now: it waits out a delay, or for a worker that is frozen. What goes to
 * the queue is what that worker itself would send to hand the job back. So the job keeps its place, its order among the
 * requests of its session and its identity, and at no moment is it not there; to take it out and to publish it again
 * would lose it where we died in between, and INTAKE knows what was published lately. A worker that lives on after all
 * is fenced by the log.
 *
 * `false`: it was never given out, and nothing but the want of a free worker holds it up.
 */
export async function requeueJob(bus: Bus, job: QueuedJob, progress: QueueProgress): Promise<boolean> {
  if (job.seq > progress.givenOutSeq) return false
  // Where a delivery is answered: stream, consumer, deliveries, place in the stream, number of the delivery, time, rest.
  // The server looks at the place, and whether the number can be.
  const { stream } = QUEUES[job.queue]
  const place = `$JS.ACK.${stream}.${job.queue}.1.${job.seq}.${progress.deliverySeq}.${Date.now()}000000.0`
  try {
    await bus.whileConnected(bus.nc.request(place, '-NAK', { timeout: bus.ackTimeoutMs }))
  } catch (error) {
    throw error instanceof BusUnavailable ? error : new BusUnavailable(error)
  }
  return true
}
