import { AsyncLocalStorage } from 'node:async_hooks'
import { type Context, context, createContextKey, propagation, ROOT_CONTEXT } from '@opentelemetry/api'
import { type RunningNats, startNats } from '@spool/testing'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { ChainWriter, currentTrace, DONE, follow, inTrace, publishJob } from '../src/index.ts'
import { openLog, provisioned } from './support/deployment.ts'
import { OwnServer } from './support/own-server.ts'
import { eventually } from './support/eventually.ts'
import { all, appended, newSession, note } from './support/sessions.ts'

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
const PARENT = createContextKey('traceparent')
let nats: RunningNats

beforeAll(async () => {
  nats = await startNats()
  await provisioned(nats.url)
  // What the telemetry package installs, without its exporters.
  const storage = new AsyncLocalStorage<Context>()
  context.setGlobalContextManager({
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: (active, work, self, ...args) => storage.run(active, () => work.call(self as never, ...args)),
    bind: (_, target) => target,
    enable: () => context as never,
    disable: () => context as never,
  })
  propagation.setGlobalPropagator({
    inject: (active, carrier, setter) => setter.set(carrier, 'traceparent', String(active.getValue(PARENT))),
    extract: (active, carrier, getter) => active.setValue(PARENT, getter.get(carrier, 'traceparent')),
    fields: () => ['traceparent'],
  })
})
afterAll(async () => {
  context.disable()
  propagation.disable()
  await nats.stop()
})

test("an event's trace survives the append, the live message and the log", async () => {
  const log = await openLog(nats.url)
  const ref = newSession()
  const live = (async () => {
    for await (const event of follow(log, ref, { epoch: 1, seq: 0 })) return event
    return undefined
  })()
  const writer = new ChainWriter(log, ref, 0)
  const seq = await inTrace(TRACE, () => appended(writer, { ...note('traced'), trace: currentTrace() }))
  await appended(writer, note('untraced'))
  expect((await live)?.trace).toBe(TRACE)
  const events = await all(log.read(ref, 0, writer.position))
  expect(events.map(({ trace }) => trace)).toEqual([TRACE, undefined])
  expect(inTrace(events[0]!.trace, currentTrace)).toBe(TRACE)
  expect(seq).toBe(events[0]!.seq)
})

test("a job's trace arrives with the job", async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  await publishJob(log, newSession(), { kind: 'llm', key: 'm1' }, TRACE)
  const { taken } = await server.taker('llm', async () => DONE)
  await eventually(() => taken.map((job) => job.header('traceparent'))).toEqual([TRACE])
})
