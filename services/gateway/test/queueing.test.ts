import { newId } from '@spool/events'
import { ArchiveOverNats, Bus, Log, provision, Queries, ReplyInbox } from '@spool/log'
import { startNats, startTcpProxy } from '@spool/testing'
import { expect, onTestFinished, test } from 'vitest'
import { queueRequest } from '../src/serving/queueing.ts'

test('a request whose ack was lost is sent again and queued once, also when the first copy is gone by then', async () => {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const proxy = await startTcpProxy({ port: nats.port })
  onTestFinished(() => proxy.stop())
  const bus = await Bus.connect({ servers: `nats://127.0.0.1:${proxy.port}`, name: 'gateway', ackTimeoutMs: 300 })
  onTestFinished(() => bus.close())
  const direct = await Bus.connect({ servers: nats.url, name: 'orchestrator' })
  onTestFinished(() => direct.close())
  await provision(direct)
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
  const inbox = new ReplyInbox(bus)
  const subject = log.subjects.intake({ tenant: 'test', session: newId() }, newId())

  proxy.intercept('down', (chunk) => (chunk.includes('"stream":"INTAKE"') ? null : chunk))
  const queued = queueRequest(log, subject, { when_busy: 'reject' }, inbox)
  const intake = await direct.js.consumers.get('INTAKE', 'intake')
  const first = await intake.next({ expires: 10_000 })
  expect(await first?.ackAck()).toBe(true)
  proxy.intercept('down', undefined)
  await queued
  expect((await direct.jsm.streams.info('INTAKE')).state).toMatchObject({ messages: 0, last_seq: 1 })
  inbox.close()
})
