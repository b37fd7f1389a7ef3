import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream'
import { JetStreamApiError } from '@nats-io/jetstream'
import { Kvm } from '@nats-io/kv'
import { Objm } from '@nats-io/obj'
import type { Bus } from '../connecting/bus.ts'
import { DeploymentMismatch } from '../errors.ts'
import { isFrozen } from '../restoring/epoch.ts'
import { readDeployment } from './deployment.ts'
import {
  type DeploymentSettings,
  type QueueName,
  type StreamSetting,
  DEFAULT_SETTINGS,
  QUEUES,
  logStreams,
  queueConsumer,
  queueStreams,
} from './stream-settings.ts'

const STREAM_NAME_IN_USE = 10058
const CONSUMER_EXISTS = 10148

/** Limits that an existing stream keeps when it has more room than the settings ask for. */
const LIMITS = ['max_bytes', 'max_msgs'] as const

/** Creates what is missing, reads everything back and compares. Safe to run at any time, by many at once. */
export async function provision(bus: Bus, overrides: Partial<DeploymentSettings> = {}): Promise<void> {
  const settings = { ...DEFAULT_SETTINGS, ...overrides }
  await assertSameShards(bus, settings.shards)
  await Promise.all([...logStreams(settings), ...queueStreams(settings)].map((s) => ensureStream(bus.jsm, s)))
  await Promise.all((Object.keys(QUEUES) as QueueName[]).map((name) => ensureQueue(bus.jsm, name)))
  await new Kvm(bus.js).create('KEYS', { history: 1, replicas: settings.replicas })
  await new Objm(bus.js).create('BLOBS', { replicas: settings.replicas })
}

async function assertSameShards(bus: Bus, shards: number): Promise<void> {
  const deployment = await readDeployment(bus)
  if (deployment !== null && deployment.shards !== shards) {
    throw new DeploymentMismatch(
      `This deployment was created with ${deployment.shards} shard(s) and cannot be run with ${shards}. Set SPOOL_SHARDS=${deployment.shards}.`,
    )
  }
}

async function ensureStream(jsm: JetStreamManager, wanted: StreamSetting): Promise<void> {
  try {
    await jsm.streams.add(wanted)
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NAME_IN_USE) throw error
    await widen(jsm, wanted)
  }
  const { config } = await jsm.streams.info(wanted.name)
  assertSameStream(wanted, config)
}

/** An existing stream may only be given more room; anything else is for a person to decide. */
async function widen(jsm: JetStreamManager, wanted: StreamSetting): Promise<void> {
  const { config } = await jsm.streams.info(wanted.name)
  // One whose restoring was broken off waits for the rest of it.
  if (isFrozen(config)) return
  const wider: Partial<StreamConfig> = {}
  for (const limit of LIMITS) {
    const want = wanted[limit]
    const have = config[limit]
    if (want !== undefined && have !== -1 && want > have) wider[limit] = want
  }
  if (Object.keys(wider).length > 0) await jsm.streams.update(wanted.name, { ...config, ...wider })
}

async function ensureQueue(jsm: JetStreamManager, name: QueueName): Promise<void> {
  const { stream } = QUEUES[name]
  const wanted = queueConsumer(name)
  try {
    await jsm.consumers.add(stream, wanted)
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== CONSUMER_EXISTS) throw error
    await jsm.consumers.update(stream, wanted.durable_name, wanted)
  }
  const { config } = await jsm.consumers.info(stream, wanted.durable_name)
  assertNoDifference(`Queue ${name}`, differences(wanted, config))
}

/** Older servers drop in silence what they do not know: what was asked for must be what is there. */
function assertSameStream(wanted: StreamSetting, found: StreamConfig): void {
  const { metadata, ...settings } = wanted
  for (const limit of LIMITS) {
    // More room than asked for is kept.
    if (found[limit] === -1 || found[limit] >= (settings[limit] ?? -1) || isFrozen(found)) delete settings[limit]
  }
  const missing = Object.keys(metadata ?? {}).filter((key) => found.metadata?.[key] === undefined)
  assertNoDifference(`Stream ${wanted.name}`, [
    ...differences(settings, found),
    ...missing.map((key) => `metadata ${key} is missing`),
  ])
}

function assertNoDifference(what: string, found: readonly string[]): void {
  if (found.length > 0) throw new DeploymentMismatch(`${what} is not as it must be: ${found.join('; ')}.`)
}

function differences(wanted: object, found: object): string[] {
  const there = found as Record<string, unknown>
  return Object.entries(wanted)
    .filter(([key, want]) => !contains(there[key], want))
    .map(([key, want]) => `${key} is ${JSON.stringify(there[key])}, wanted ${JSON.stringify(want)}`)
}

function contains(have: unknown, want: unknown): boolean {
  if (typeof want !== 'object' || want === null) return (have ?? zeroOf(want)) === want
  if (typeof have !== 'object' || have === null) return false
  return differences(want, have).length === 0
}

/** The server leaves out settings at their zero value. */
function zeroOf(want: unknown): unknown {
  return typeof want === 'number' ? 0 : typeof want === 'boolean' ? false : undefined
}
