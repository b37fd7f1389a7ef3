import type { Subscription } from '@nats-io/nats-core'
import { errors } from '@nats-io/nats-core'
import { newId } from '@spool/events'
import type { Bus } from '../connecting/bus.ts'
import { answerStatus } from '../connecting/status.ts'
import { retryDelay } from '../waiting.ts'
import type { Delivery } from './delivery.ts'
import { WORKERS, type WorkerStatus } from './worker-status.ts'

const ASK_TIMEOUT_MS = 300
const WORKING_MS = 1000
/** Of jobs that are put off no more are remembered, and told, than this. */
const MAX_PUT_OFF = 1000

/** This process as a worker: the jobs it holds, and the answer to "are you still on it?". */
export class Worker {
  /** Unlike any worker before it, so that a restarted process is not taken for the one that died. */
  readonly id: string
  private readonly held = new Map<string, Delivery>()
  /** Until when the jobs wait that this process has put off, by their subject. */
  private readonly putOff = new Map<string, { readonly seq: number; readonly untilMs: number }>()
  private readonly subscription: Subscription
  private readonly stopAnswering: () => void
  private readonly beat: NodeJS.Timeout

  constructor(
    private readonly bus: Bus,
    private readonly name: string,
  ) {
    this.id = `${name}-${newId()}`
    this.stopAnswering = answerStatus(bus, WORKERS, () => this.status())
    this.beat = setInterval(() => {
      this.forgetWhatIsDue()
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
    this.putOff.delete(delivery.subject)
    this.held.set(delivery.subject, delivery)
  }

  release(delivery: Delivery): void {
    if (this.held.get(delivery.subject) === delivery) this.held.delete(delivery.subject)
    const { subject, queueSeq: seq, putOffUntilMs: untilMs } = delivery
    if (untilMs !== null && this.putOff.size < MAX_PUT_OFF) this.putOff.set(subject, { seq, untilMs })
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
    this.stopAnswering()
  }

  private status(): WorkerStatus {
    this.forgetWhatIsDue()
    return {
      instance: this.name,
      worker: this.id,
      holds: [...this.held.values()].map((delivery) => ({
        subject: delivery.subject,
        seq: delivery.queueSeq,
        deliveries: delivery.deliveries,
        since: new Date(delivery.takenAtMs).toISOString(),
      })),
      put_off: [...this.putOff].map(([subject, { seq, untilMs }]) => ({
        subject,
        seq,
        until: new Date(untilMs).toISOString(),
      })),
    }
  }

  private forgetWhatIsDue(): void {
    const now = Date.now()
    for (const [subject, { untilMs }] of this.putOff) if (untilMs <= now) this.putOff.delete(subject)
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
