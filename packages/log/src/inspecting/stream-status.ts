import type { ConsumerInfo, StreamInfo } from '@nats-io/jetstream'
import type { Bus } from '../connecting/bus.ts'
import { logStreamName } from '../naming/subjects.ts'
import { QUEUES, type QueueName } from '../provisioning/stream-settings.ts'
import { epochOf, isFrozen, maxBytesOf } from '../restoring/epoch.ts'
import { streamsNamed } from './streams-named.ts'

export interface StreamStatus {
  readonly name: string
  readonly messages: number
  readonly bytes: number
  /** `null`: as much as the server has room for. */
  readonly maxBytes: number | null
  readonly replicas: number
  /** `null` where the server is no cluster, or nobody leads. */
  readonly leader: string | null
  /** Replicas that do not hold yet what the leader holds. */
  readonly lagging: readonly string[]
}

export interface LogStreamStatus extends StreamStatus {
  readonly shard: number
  readonly epoch: number
  readonly firstSeq: number
  readonly lastSeq: number
  /** Its restoring was begun and not finished: nothing is appended. */
  readonly frozen: boolean
}

export interface QueueStreamStatus extends StreamStatus {
  readonly consumers: readonly {
    readonly name: QueueName
    /** Never given out yet. */
    readonly waiting: number
    /** Given out and not done. */
    readonly open: number
    /** Of these, given out more than once. */
    readonly redelivered: number
  }[]
}

export interface DeploymentStatus {
  /** By shard; `null` where there is no such stream. */
  readonly logs: readonly (LogStreamStatus | null)[]
  readonly queues: readonly QueueStreamStatus[]
  /** What is kept beside the log: API keys and blobs. */
  readonly stores: readonly StreamStatus[]
}

const STORES: Readonly<Record<string, string>> = { KV_KEYS: 'KEYS', OBJ_BLOBS: 'BLOBS' }

/** Every stream of a deployment, as its leader has it. */
export async function deploymentStatus(bus: Bus, shards: number): Promise<DeploymentStatus> {
  const logNames = Array.from({ length: shards }, (_, shard) => logStreamName(shard, shards))
  const queueNames = [...new Set(Object.values(QUEUES).map(({ stream }) => stream))]
  const names = new Set([...logNames, ...queueNames, ...Object.keys(STORES)])
  const found = await streamsNamed(bus, (name) => names.has(name))
  const logs = logNames.map((name, shard) => {
    const info = found.get(name)
    return info === undefined ? null : logStatus(shard, info)
  })
  const queues = queueNames.flatMap((name) => found.get(name) ?? []).map((info) => queueStatus(bus, info))
  const stores = Object.entries(STORES).flatMap(([stream, name]) => {
    const info = found.get(stream)
    return info === undefined ? [] : [{ ...streamStatus(info), name }]
  })
  return { logs, queues: await Promise.all(queues), stores }
}

function streamStatus({ config, state, cluster }: StreamInfo): StreamStatus {
  return {
    name: config.name,
    messages: state.messages,
    bytes: state.bytes,
    maxBytes: maxBytesOf(config),
    replicas: config.num_replicas,
    leader: cluster?.leader || null,
    lagging: (cluster?.replicas ?? []).filter(({ current }) => !current).map(({ name }) => name),
  }
}

function logStatus(shard: number, info: StreamInfo): LogStreamStatus {
  const { config, state } = info
  return {
    ...streamStatus(info),
    shard,
    epoch: epochOf(config).epoch,
    firstSeq: state.first_seq,
    lastSeq: state.last_seq,
    frozen: isFrozen(config),
  }
}

async function queueStatus(bus: Bus, info: StreamInfo): Promise<QueueStreamStatus> {
  const consumers: ConsumerInfo[] = []
  for await (const consumer of bus.jsm.consumers.list(info.config.name)) consumers.push(consumer)
  return {
    ...streamStatus(info),
    consumers: consumers
      .filter(({ name }) => Object.hasOwn(QUEUES, name))
      .map(({ name, num_pending, num_ack_pending, num_redelivered }) => ({
        name: name as QueueName,
        waiting: num_pending,
        open: num_ack_pending,
        redelivered: num_redelivered,
      })),
  }
}
