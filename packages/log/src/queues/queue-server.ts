import type { CustomTransportStrategy } from '@nestjs/microservices'
import { Server } from '@nestjs/microservices'
import { lastValueFrom } from 'rxjs'
import type { Bus } from '../connecting/bus.ts'
import { inJobSpan } from '../tracing/job-span.ts'
import type { QueueName } from '../provisioning/stream-settings.ts'
import { type Delivery, isSettlement, type Settlement } from './delivery.ts'
import { QueueConsumer } from './queue-consumer.ts'
import type { Worker } from './worker.ts'

export const QUEUE_TRANSPORT = Symbol('spool queues')

export interface QueueServerOptions {
  bus: Bus
  worker: Worker
  /** Slots per queue; a queue that is not named here has 16. */
  slots?: Partial<Record<QueueName, number>>
  onError: (error: unknown, delivery: Delivery | null) => void
}

/**
 * The queues as a Nest transport: a handler is a method decorated with `@EventPattern('<queue>')` that takes a
 * `Delivery` and returns its `Settlement`. Nest's own way of handling events loses a handler's failure, so the
 * handler is called from here: a rejection puts the job back into its queue.
 */
export class QueueServer extends Server implements CustomTransportStrategy {
  override transportId = QUEUE_TRANSPORT
  private consumers: QueueConsumer[] = []

  constructor(private readonly options: QueueServerOptions) {
    super()
  }

  override listen(callback: (error?: unknown) => void): void {
    this.startAll().then(() => callback(), callback)
  }

  /** Takes no new jobs and resolves when those in work are settled. */
  override async close(): Promise<void> {
    const { consumers } = this
    this.consumers = []
    await Promise.all(consumers.map((consumer) => consumer.stop()))
  }

  override on(): never {
    throw new Error('The queues emit no events of their own; listen to the bus.')
  }

  override unwrap<T>(): T {
    return this.options.bus.nc as T
  }

  private async startAll(): Promise<void> {
    const { bus, worker, onError, slots } = this.options
    for (const [pattern, handler] of this.messageHandlers) {
      const queue = pattern as QueueName
      const handle = (delivery: Delivery): Promise<Settlement> =>
        inJobSpan(queue, delivery, async () => {
          const result: unknown = await lastValueFrom(this.transformToObservable(await handler(delivery)))
          // To take silence for "done" would lose the jobs of a handler that forgets to say.
          if (!isSettlement(result)) throw new TypeError(`The handler of the queue ${queue} must return a settlement.`)
          return result
        })
      const consumer = new QueueConsumer(bus, worker, { queue, slots: slots?.[queue] ?? 16, onError }, handle)
      this.consumers.push(consumer)
    }
    await Promise.all(this.consumers.map((consumer) => consumer.start()))
  }
}
