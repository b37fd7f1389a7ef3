import type { Bus } from '../connecting/bus.ts'
import { type AskingLimits, askStatuses } from '../connecting/status.ts'

/** The name under which every worker answers, whatever service it belongs to. */
export const WORKERS = 'workers'

/** Where each service is a user of its own, NATS passes the question on to it under this name (infra/nats). */
const SERVICES_WITH_WORKERS = ['agent-orchestrator', 'llm-proxy']

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
  const names = [WORKERS, ...SERVICES_WITH_WORKERS.map((service) => `${WORKERS}.${service}`)]
  const answers = await Promise.all(names.map((name) => askStatuses(bus, name, limits)))
  return answers.flat().filter(isWorkerStatus)
}

function isWorkerStatus(answer: unknown): answer is WorkerStatus {
  const { instance, worker, holds, put_off: putOff } = (answer ?? {}) as Record<string, unknown>
  return typeof instance === 'string' && typeof worker === 'string' && Array.isArray(holds) && Array.isArray(putOff)
}
