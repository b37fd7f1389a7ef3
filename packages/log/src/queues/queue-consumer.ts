import type { Consumer, ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { ACK_WAIT_MS, QUEUES, type QueueName } from '../provisioning/stream-settings.ts'
import { LogBehind, mayPass } from '../errors.ts'
import { retryDelay } from '../waiting.ts'
import { Delivery, type Settlement } from './delivery.ts'
import type { Worker } from './worker.ts'

/** Below the ack wait: a frozen process must not swallow what is given out again. */
const PULL_MS = ACK_WAIT_MS - 1500

export type JobHandler = (delivery: Delivery) => Promise<Settlement>

export interface QueueOptions {
  queue: QueueName
  /** How many jobs are worked on at once. No more are fetched than there are free slots. */
  slots: number
  /** Without a delivery: the queue does not answer, which is told once until it does. */
  onError: (error: unknown, delivery: Delivery | null) => void
}

const MAX_FAILURES_KEPT = 1000
const LOG_BEHIND_MS = 2000

/** Takes jobs from one queue. Only as many are asked for as can be begun at once, so none grows old in a buffer. */
export class QueueConsumer {
  private busy = 0
  private asked = 0
  private stopping = false
  /** Whether the last that came of a pull was an answer. */
  private answers = true
  /** How often pulls were tried again since they had none, all together. */
  private tries = 0
  /** Until the next try. */
  private waiting = false
  private readonly pulls = new Set<ConsumerMessages>()
  private readonly running = new Set<Promise<void>>()
  /** How often a job has failed here, by subject. */
  private readonly failures = new Map<string, number>()
  private consumer: Consumer | null = null
  private readonly stopListening: () => void

  constructor(
    private readonly bus: Bus,
    private readonly worker: Worker,
    private readonly options: QueueOptions,
    private readonly handle: JobHandler,
  ) {
    // A pull that was under way when the connection broke is forgotten by the server.
    this.stopListening = bus.onReconnect(() => this.endPulls())
  }

  async start(): Promise<void> {
    const { queue } = this.options
    this.consumer = await this.bus.js.consumers.get(QUEUES[queue].stream, queue)
    this.pullMore()
  }

  /** Takes nothing new. Resolves when what is in work is settled. */
  async stop(): Promise<void> {
    this.stopping = true
    this.endPulls()
    await Promise.all(this.running)
    this.stopListening()
  }

  private pullMore(): void {
    const free = this.options.slots - this.busy - this.asked
    if (free <= 0 || this.stopping || this.waiting) return
    this.asked += free
    void this.pull(free)
  }

  private async pull(wanted: number): Promise<void> {
    let open = wanted
    const { tries } = this
    try {
      const messages = await this.consumer!.fetch({ max_messages: wanted, expires: PULL_MS })
      this.pulls.add(messages)
      // The end of a pull is told by the server; where it cannot be heard, this ends it.
      const late = setTimeout(() => messages.stop(), PULL_MS + 1000)
      try {
        for await (const message of messages) {
          this.answers = true
          open--
          this.asked--
          this.begin(message)
        }
      } finally {
        clearTimeout(late)
        this.pulls.delete(messages)
      }
      // The end of one that was asked for before says nothing of now.
      if (tries === this.tries) this.answers = true
    } catch (error) {
      if (!this.stopping) this.unanswered(error)
    } finally {
      this.asked -= open
      this.pullMore()
    }
  }

  /** There are as many pulls under way as jobs have ended since, and all fail alike: that is said once. */
  private unanswered(error: unknown): void {
    if (this.answers) this.options.onError(error, null)
    this.answers = false
    if (this.waiting) return
    this.waiting = true
    this.tries++
    void retryDelay(3).then(() => {
      this.waiting = false
      this.pullMore()
    })
  }

  private begin(message: JsMsg): void {
    // It came while we were stopping: somebody else can begin at once.
    if (this.stopping) return message.nak()
    const own = this.worker.holding(message.subject)
    if (own !== undefined) return own.adopt(message)
    const delivery = new Delivery(message, this.failures.get(message.subject))
    this.busy++
    this.worker.take(delivery)
    const work = this.work(delivery).finally(() => {
      this.busy--
      this.worker.release(delivery)
      this.running.delete(work)
      this.pullMore()
    })
    this.running.add(work)
  }

  private async work(delivery: Delivery): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      try {
        delivery.settle(await this.handle(delivery))
        this.failures.delete(delivery.subject)
        return
      } catch (error) {
        if (attempt === 0 || !mayPass(error)) this.options.onError(error, delivery)
        // Let go until the log is repaired: a delivery of a lost store may name another job in the one that comes.
        if (error instanceof LogBehind) return delivery.settle({ kind: 'later', delayMs: LOG_BEHIND_MS })
        if (!mayPass(error)) return this.failed(delivery)
        if (this.stopping) return delivery.settle({ kind: 'later', delayMs: 0 })
      }
      // Something is away or full. That is not the job's fault: it is kept, so that no delivery of it is used up.
      await retryDelay(attempt)
    }
  }

  private failed(delivery: Delivery): void {
    const failures = delivery.failures + 1
    this.failures.delete(delivery.subject)
    this.failures.set(delivery.subject, failures)
    // Those that another copy has done since are never asked for again.
    if (this.failures.size > MAX_FAILURES_KEPT) this.failures.delete(this.failures.keys().next().value!)
    delivery.settle({ kind: 'later', delayMs: Math.min(2000, 50 * 2 ** Math.min(failures, 6)) })
  }

  private endPulls(): void {
    for (const messages of this.pulls) messages.stop()
  }
}
