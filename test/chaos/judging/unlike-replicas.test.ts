import { Bus, provision } from '@spool/log'
import { natsBinaries, startNats, startNatsCluster } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { copiesOf, differing, serversOf, unlikeReplicas } from './unlike-replicas.ts'

test('each server of a cluster is asked what it has', { timeout: 120_000 }, async () => {
  const cluster = await startNatsCluster({ binary: (await natsBinaries()).newest })
  onTestFinished(() => cluster.stop())
  const bus = await Bus.connect({ servers: cluster.url, name: 'test' })
  onTestFinished(() => bus.close())
  await provision(bus, { shards: 1, replicas: 3 })
  for (let at = 1; at <= 20; at++) await bus.js.publish('log.0.default.s1', `event ${at}`)
  const servers = await serversOf(bus, 'LOG')
  const copies = await copiesOf(bus, 'LOG', servers)
  expect([...copies.values()].map((copy) => copy?.messages)).toEqual([20, 20, 20])
  expect(new Set([...copies.values()].map((copy) => copy?.digest)).size).toBe(1)
  expect(await unlikeReplicas(cluster.url, 3)).toEqual([])
  expect(await unlikeReplicas(cluster.url, 4)).toHaveLength(1)
  await bus.js.publish('log.0.default.s1', 'event 21')
  const [before] = copies.values()
  const [after] = (await copiesOf(bus, 'LOG', servers)).values()
  expect(after?.digest).not.toBe(before?.digest)
})

test('one server alone has nothing to differ from', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  onTestFinished(() => bus.close())
  await provision(bus, { shards: 1 })
  expect(await unlikeReplicas(nats.url, 1)).toEqual([])
  expect(await unlikeReplicas(nats.url, 3)).toEqual(['the log lies on 1 servers, and not on 3'])
})

test('a copy that differs is told, and so is one that cannot be read', () => {
  const [copy, other] = [
    { messages: 20, digest: 'a' },
    { messages: 20, digest: 'b' },
  ]
  const told = (third: typeof copy | null) =>
    differing('LOG', new Map(Object.entries({ one: copy, two: copy, three: third })))
  expect(told(copy)).toEqual([])
  expect(told(other).join()).toContain('three has 20 messages, b')
  expect(told(null).join()).toContain('three has nothing that can be read')
})
