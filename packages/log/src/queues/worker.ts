import type { Subscription } from '@nats-io/nats-core'
import { errors } from '@nats-io/nats-core'
import { newId } from '@spool/events'
import type { Bus } from '../connecting/bus.ts'
import { retryDelay } from '../waiting.ts'
import type { Delivery } from './delivery.ts'

const ASK_TIMEOUT_MS = 300
const WORKING_MS = 1000

/** This process as a worker: the jobs it holds, and the answer to "are you still on it?". */
export class Worker {
  /** Unlike any worker before it, so that a restarted process is not taken for the one that died. */
  readonly id: string
  private readonly held = new Map<string, Delivery>()
  private readonly subscription: Subscription
  private readonly beat: NodeJS.Timeout

  constructor(
    private readonly bus: Bus,
    name: string,
  ) {
    this.id = `${name}-${newId()}`
    this.beat = setInterval(() => {
      // Without a connection it would not arrive, and nobody else is handed the job.
      if (!bus.connected || bus.nc.isClosed()) return
      for (const delivery of this.held.values()) delivery.working()
    }, WORKING_MS)
    const prefix = `alive.${this.id}.`
    this.subscription = bus.nc.subscribe(`${prefix}>`, {
      callback: (error, message) => {
        if (!error) message.respond(this.held.has(message.subject.slice(prefix.length)) ? 'yes' : 'no')
      },
    })
  }

  holding(subject: string): Delivery | undefined {
    return this.held.get(subject)
  }

  take(delivery: Delivery): void {
    this.held.set(delivery.subject, delivery)
  }

  release(delivery: Delivery): void {
    if (this.held.get(delivery.subject) === delivery) this.held.delete(delivery.subject)
  }

  /**
   * Whether the job's last known worker still has it. Silence counts only on a steady connection: after an outage of
   * the bus a living worker may come back later than the one that asks. "No responders" is silence, not a no.
   */
  async stillHas(worker: string, jobSubject: string, signal?: AbortSignal): Promise<boolean> {
    // A job that is handed to its own worker again is adopted: whoever asks this has it anew, after a failure.
    if (worker === this.id) return false
    for (;;) {
      signal?.throwIfAborted()
      const wasSteady = this.bus.steady
      const answer = await this.ask(worker, jobSubject)
      if (answer === 'yes') return true
      if (answer === 'no') return false
      if (wasSteady && this.bus.steady) return false
      await retryDelay(2, signal)
    }
  }

  close(): void {
    clearInterval(this.beat)
    this.subscription.unsubscribe()
  }

  private async ask(worker: string, jobSubject: string): Promise<'yes' | 'no' | 'silence'> {
    try {
      const reply = await this.bus.nc.request(`alive.${worker}.${jobSubject}`, '', { timeout: ASK_TIMEOUT_MS })
      return reply.string() === 'yes' ? 'yes' : 'no'
    } catch (error) {
      if (error instanceof errors.ClosedConnectionError) throw error
      return 'silence'
    }
  }
}
