import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import {
  type Bus,
  type Delivery,
  type DeploymentSettings,
  Log,
  QueueConsumer,
  type QueueName,
  type Settlement,
  Worker,
} from '../../src/index.ts'
import { connected, type OnTestFinished, provisioned } from './deployment.ts'
import { MemoryArchive } from './memory-archive.ts'

export interface Taker {
  bus: Bus
  worker: Worker
  consumer: QueueConsumer
  /** What the queue handed to the handler, in order. */
  taken: Delivery[]
  errors: unknown[]
}

/** A server for one test alone: jobs have no other identity than their subject. Safe in concurrent tests. */
export class OwnServer {
  private constructor(
    readonly nats: RunningNats,
    private readonly onTestFinished: OnTestFinished,
  ) {}

  static async start(
    onTestFinished: OnTestFinished,
    settings: Partial<DeploymentSettings> & { age?: 'oldest' | 'newest' } = {},
  ): Promise<OwnServer> {
    const { age = 'newest', ...rest } = settings
    const nats = await startNats({ binary: (await natsBinaries())[age] })
    onTestFinished(() => nats.stop())
    await provisioned(nats.url, rest)
    return new OwnServer(nats, onTestFinished)
  }

  async openLog(url = this.nats.url): Promise<Log> {
    return Log.open(await connected(url, this.onTestFinished), new MemoryArchive())
  }

  /** A process that works on a queue, over a connection of its own. */
  async taker(
    queue: QueueName,
    handle: (delivery: Delivery, taker: Taker) => Promise<Settlement>,
    { slots = 4, url = this.nats.url }: { slots?: number; url?: string } = {},
  ): Promise<Taker> {
    const { bus } = await this.openLog(url)
    const worker = new Worker(bus, 'worker')
    this.onTestFinished(() => worker.close())
    const taken: Delivery[] = []
    const errors: unknown[] = []
    const onError = (error: unknown) => void errors.push(error)
    const consumer = new QueueConsumer(bus, worker, { queue, slots, onError }, async (delivery) => {
      taken.push(delivery)
      return handle(delivery, taker)
    })
    const taker: Taker = { bus, worker, consumer, taken, errors }
    await consumer.start()
    return taker
  }
}

/** How many jobs lie in the stream, whether they wait or are being worked on. */
export async function jobsIn(bus: Bus, stream: 'WORK' | 'INTAKE' | 'CONTROL' = 'WORK'): Promise<number> {
  return (await bus.jsm.streams.info(stream)).state.messages
}

/** For handlers that never come to an end. */
export const never = new Promise<never>(() => undefined)
