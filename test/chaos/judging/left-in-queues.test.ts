import { Bus, provision } from '@spool/log'
import { startNats } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { leftInQueues } from './left-in-queues.ts'

test('what nobody took out of a queue is found, in each of them', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const bus = await Bus.connect({ servers: nats.url, name: 'test' })
  await provision(bus, { shards: 1 })
  expect(await leftInQueues(nats.url, 0)).toEqual([])
  for (const subject of ['intake.0.default.s1.r1', 'control.0.default.s1.cancel.r1', 'work.llm.0.default.s1.m1']) {
    await bus.js.publish(subject, '')
    expect(await leftInQueues(nats.url, 0)).toEqual([`left in its queue: ${subject}`])
    await bus.jsm.streams.purge(subject.split('.')[0]!.toUpperCase())
  }
  expect(await leftInQueues(nats.url, 0)).toEqual([])
  await bus.close()
})
