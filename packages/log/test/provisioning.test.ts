import { type RunningNats, startNats } from '@spool/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  DeploymentMismatch,
  enqueue,
  follow,
  hashKey,
  grantKey,
  Log,
  provision,
  type SessionRef,
} from '../src/index.ts'
import { connected, openLog, provisioned } from './support/deployment.ts'
import { MemoryArchive } from './support/memory-archive.ts'
import { chainFault, newSession, wholeChain, written } from './support/sessions.ts'

let nats: RunningNats

beforeEach(async () => {
  nats = await startNats()
})
afterEach(() => nats.stop())

test('many may provision at once, and again', async () => {
  await Promise.all(Array.from({ length: 5 }, () => provisioned(nats.url, { shards: 3 })))
  await provisioned(nats.url, { shards: 3 })
  const bus = await connected(nats.url)
  const names: string[] = []
  for await (const { config } of bus.jsm.streams.list()) names.push(config.name)
  expect(names.toSorted()).toEqual(['CONTROL', 'INTAKE', 'KV_KEYS', 'LOG-0', 'LOG-1', 'LOG-2', 'OBJ_BLOBS', 'WORK'])
})

test('sessions are spread over three shards and each works as with one', async () => {
  await provisioned(nats.url, { shards: 3 })
  const log = await openLog(nats.url, new MemoryArchive(), 3)
  const sessions = Array.from({ length: 30 }, () => newSession())
  await Promise.all(
    sessions.map(async (ref) => {
      await written(log, ref, 5)
      expect(chainFault(await wholeChain(log, ref))).toBeNull()
      for await (const event of follow(log, ref, { epoch: 1, seq: 0 })) if (event.prev > 0) break
      await enqueue(log, log.subjects.work(ref, 'run', 1), '')
    }),
  )
  const perShard = await Promise.all(
    [0, 1, 2].map(async (shard) => (await log.bus.jsm.streams.info(`LOG-${shard}`)).state.messages),
  )
  expect(perShard.reduce((sum, count) => sum + count)).toBe(150)
  for (const count of perShard) expect(count).toBeGreaterThan(0)
})

test('another number of shards than the deployment was created with is refused', async () => {
  await provisioned(nats.url, { shards: 3 })
  const bus = await connected(nats.url)
  await expect(provision(bus, { shards: 2 })).rejects.toThrow(/created with 3 shard.*SPOOL_SHARDS=3/)
  await expect(Log.open(bus, new MemoryArchive(), 1)).rejects.toThrow(/created with 3 shard.*SPOOL_SHARDS=3/)
})

test('a deployment that was not provisioned is refused', async () => {
  const bus = await connected(nats.url)
  await expect(Log.open(bus, new MemoryArchive())).rejects.toThrow(/Run the provisioner first/)
  await bus.jsm.streams.add({ name: 'LOG', subjects: ['log.>'] })
  await expect(Log.open(bus, new MemoryArchive())).rejects.toThrow(/not made by the provisioner/)
})

test('a stream that is not as it must be is refused, and the message names what differs', async () => {
  await provisioned(nats.url)
  const bus = await connected(nats.url)
  const { config } = await bus.jsm.streams.info('LOG')
  await bus.jsm.streams.update('LOG', { ...config, allow_direct: false, max_age: 3_600_000_000_000 })
  const refused = provision(bus, { logMaxBytes: config.max_bytes })
  await expect(refused).rejects.toThrow(DeploymentMismatch)
  await expect(refused).rejects.toThrow(/LOG is not as it must be: max_age.*allow_direct/)
})

test('a limit is widened when asked to, and never narrowed', async () => {
  await provisioned(nats.url, { logMaxBytes: 2_000_000 })
  const bus = await connected(nats.url)
  const limit = async () => (await bus.jsm.streams.info('LOG')).config.max_bytes
  await provisioned(nats.url, { logMaxBytes: 3_000_000 })
  expect(await limit()).toBe(3_000_000)
  await provisioned(nats.url, { logMaxBytes: 1_000_000 })
  expect(await limit()).toBe(3_000_000)
})

test('a queue whose settings were changed is set right', async () => {
  await provisioned(nats.url)
  const bus = await connected(nats.url)
  await bus.jsm.consumers.update('WORK', 'llm', { max_deliver: 3, ack_wait: 60_000_000_000 })
  await provisioned(nats.url)
  const { config } = await bus.jsm.consumers.info('WORK', 'llm')
  expect(config).toMatchObject({ max_deliver: -1, ack_wait: 4_000_000_000 })
})

test('only the hash of a key is stored', async () => {
  await provisioned(nats.url)
  const bus = await connected(nats.url)
  await grantKey(bus, 'sk-secret', 'acme', 'laptop')
  const stored = await bus.jsm.streams.getMessage('KV_KEYS', { last_by_subj: `$KV.KEYS.${hashKey('sk-secret')}` })
  expect(stored!.json()).toMatchObject({ tenant: 'acme', name: 'laptop' })
  expect(stored!.subject + stored!.string()).not.toContain('sk-secret')
})

test('an id that could be more than one token of a subject makes no subject', async () => {
  await provisioned(nats.url)
  const { subjects } = await openLog(nats.url)
  for (const session of ['a.b', '*', '>', 'a b', '', 'ü', 'x'.repeat(129)]) {
    expect(() => subjects.log({ tenant: 'test', session } satisfies SessionRef)).toThrow(TypeError)
  }
})
