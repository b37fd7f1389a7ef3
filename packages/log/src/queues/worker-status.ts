import type { Bus } from '../connecting/bus.ts'
import { type AskingLimits, askStatuses } from '../connecting/status.ts'

/** The name under which every worker answers, whatever service it belongs to. */
export const WORKERS = 'workers'

/** What a worker has in its hands. JetStream does not tell of a message who holds it. */
export interface WorkerStatus {
  /** The copy of the service, as its logs name it. */
  readonly instance: string
  /** The same, unlike any process before it: what `generation.started` and `tool.started` name. */
  readonly worker: string
  readonly holds: readonly HeldJob[]
  readonly put_off: readonly PutOffJob[]
}

export interface HeldJob {
  readonly subject: string
  readonly seq: number
  readonly deliveries: number
  readonly since: string
}

/** Given back, to be given out again then. */
export interface PutOffJob {
  readonly subject: string
  readonly seq: number
  readonly until: string
}

/** Every worker that answers. One that is frozen, or has lost its connection, does not. */
export async function askWorkers(bus: Bus, limits?: AskingLimits): Promise<WorkerStatus[]> {
  return (await askStatuses(bus, WORKERS, limits)).filter(isWorkerStatus)
}

function isWorkerStatus(answer: unknown): answer is WorkerStatus {
  const { instance, worker, holds, put_off: putOff } = (answer ?? {}) as Record<string, unknown>
  return typeof instance === 'string' && typeof worker === 'string' && Array.isArray(holds) && Array.isArray(putOff)
}
