import type { ConsumerConfig, StreamConfig } from '@nats-io/jetstream'
import { AckPolicy, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { logStreamName } from '../naming/subjects.ts'
import { EPOCH } from '../restoring/epoch.ts'

/** Every stream and queue of a deployment, in one place. */
export interface DeploymentSettings {
  /** How many LOG streams the sessions are spread over. Fixed when a deployment is created. */
  shards: number
  /** Copies of each stream: 1 on a single node, 3 in a cluster. */
  replicas: number
  /** Per LOG stream. When it is full, appends are refused; nothing is dropped. */
  logMaxBytes: number
  queueMaxBytes: number
}

export const DEFAULT_SETTINGS: DeploymentSettings = {
  shards: 1,
  replicas: 1,
  logMaxBytes: 4 * 1024 ** 3,
  queueMaxBytes: 256 * 1024 ** 2,
}

/** A worker that is silent for this long loses its job to another. `working()` goes out every second. */
export const ACK_WAIT_MS = 4000

export type StreamSetting = Partial<StreamConfig> & { name: string; subjects: string[] }

export function logStreams(settings: DeploymentSettings): StreamSetting[] {
  return Array.from({ length: settings.shards }, (_, shard) => ({
    name: logStreamName(shard, settings.shards),
    subjects: [`log.${shard}.>`],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    max_bytes: settings.logMaxBytes,
    max_age: 0,
    num_replicas: settings.replicas,
    allow_direct: true,
    allow_rollup_hdrs: false,
    republish: { src: `log.${shard}.>`, dest: `live.${shard}.>` },
    metadata: { [EPOCH]: '1', spool_shards: String(settings.shards) },
  }))
}

export function queueStreams(settings: DeploymentSettings): StreamSetting[] {
  const queue = {
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_bytes: settings.queueMaxBytes,
    num_replicas: settings.replicas,
    allow_direct: true,
  }
  return [
    { ...queue, name: 'INTAKE', subjects: ['intake.>'], max_msgs: 100_000 },
    { ...queue, name: 'CONTROL', subjects: ['control.>'] },
    { ...queue, name: 'WORK', subjects: ['work.>'], max_msgs_per_subject: 1, discard_new_per_subject: true },
  ]
}

/** The consumers of the queues. Their filters must not overlap: a work queue hands each job to one of them. */
export const QUEUES = {
  intake: { stream: 'INTAKE', filter: 'intake.>' },
  control: { stream: 'CONTROL', filter: 'control.>' },
  llm: { stream: 'WORK', filter: 'work.llm.>' },
  tool: { stream: 'WORK', filter: 'work.tool.>' },
  memory: { stream: 'WORK', filter: 'work.memory.>' },
  run: { stream: 'WORK', filter: 'work.run.>' },
} as const

export type QueueName = keyof typeof QUEUES

export function queueConsumer(name: QueueName): Partial<ConsumerConfig> & { durable_name: string } {
  return {
    durable_name: name,
    filter_subject: QUEUES[name].filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: nanos(ACK_WAIT_MS),
    // Hand-overs and delays would use up any number; attempts are counted in the log.
    max_deliver: -1,
    max_ack_pending: 50_000,
    max_waiting: 2048,
  }
}
