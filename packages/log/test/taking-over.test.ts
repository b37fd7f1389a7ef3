import { setTimeout as delay } from 'node:timers/promises'
import { startTcpProxy } from '@spool/testing'
import { describe, test } from 'vitest'
import { type Delivery, DONE, NOT_MINE, publishJob } from '../src/index.ts'
import { ACK_WAIT_MS } from '../src/provisioning/stream-settings.ts'
import { jobsIn, never, OwnServer } from './support/own-server.ts'
import { newSession } from './support/sessions.ts'

/** Longer than the ack wait of 4 s. */
const LONG_MS = 6000
const PATIENTLY = { timeout: 15_000 }
const job = { kind: 'llm', key: 'm1' } as const

// Each of these waits for the server's clock most of the time.
describe.concurrent('a job and its worker', () => {
  test('a job that takes longer than the ack wait stays with its worker', async ({ expect, onTestFinished }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    const busy = await server.taker('llm', () => delay(LONG_MS, DONE), { slots: 1 })
    await publishJob(log, newSession(), job)
    await expect.poll(() => busy.taken.length, PATIENTLY).toBe(1)
    const idle = await server.taker('llm', async () => DONE)
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
    expect(busy.taken).toHaveLength(1)
    expect(idle.taken).toHaveLength(0)
  })

  test('the job of a worker that died comes to another within 6 s', async ({ expect, onTestFinished }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    const dying = await server.taker('llm', () => never)
    await publishJob(log, newSession(), job)
    await expect.poll(() => dying.taken.length, PATIENTLY).toBe(1)
    const heirs = await server.taker('llm', async (delivery, { worker }) =>
      (await worker.stillHas(dying.worker.id, delivery.subject)) ? NOT_MINE : DONE,
    )
    // Not a word is said: the process is gone.
    await dying.bus.nc.close()
    const diedAt = performance.now()
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
    expect(performance.now() - diedAt).toBeLessThan(6000)
    expect(heirs.taken.at(-1)!.deliveries).toBeGreaterThan(1)
  })

  test('a worker that finds its job in other hands sends nothing, and the job stays', async ({
    expect,
    onTestFinished,
  }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    let settled = 0
    const fenced = await server.taker('llm', async () => (settled++ === 0 ? NOT_MINE : never))
    await publishJob(log, newSession(), job)
    await expect.poll(() => settled, PATIENTLY).toBe(1)
    await fenced.consumer.stop()
    expect(await jobsIn(log.bus)).toBe(1)
    const successor = await server.taker('llm', async () => DONE)
    await expect.poll(() => successor.taken.length, PATIENTLY).toBe(1)
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
  })

  test('after an outage of the bus a worker still has its job, also where it is handed it again', async ({
    expect,
    onTestFinished,
  }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    const finish = Promise.withResolvers<typeof DONE>()
    const { taken, bus } = await server.taker('llm', () => finish.promise)
    await publishJob(log, newSession(), job)
    await expect.poll(() => taken.length, PATIENTLY).toBe(1)
    await server.nats.kill()
    await delay(8000)
    await server.nats.restart()
    await bus.untilConnected()
    // A server that had not written down who has the job hands it out again; one that had takes the worker's word.
    const isSettled = () => taken[0]!.deliveries > 1 || bus.connectedForMs() > 1.5 * ACK_WAIT_MS
    await expect.poll(isSettled, PATIENTLY).toBe(true)
    expect(taken).toHaveLength(1)
    finish.resolve(DONE)
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
  }, 40_000)

  test('after an outage of the bus nobody takes over from a living worker that comes back later', async ({
    expect,
    onTestFinished,
  }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    const proxy = await startTcpProxy({ port: server.nats.port })
    onTestFinished(() => proxy.stop())
    const finish = Promise.withResolvers<typeof DONE>()
    const owner = await server.taker('llm', () => finish.promise, { url: `nats://127.0.0.1:${proxy.port}` })
    await publishJob(log, newSession(), job)
    await expect.poll(() => owner.taken.length, PATIENTLY).toBe(1)
    const answers: boolean[] = []
    const asked: Delivery[] = []
    const other = await server.taker('llm', async (delivery, { worker }) => {
      asked.push(delivery)
      const alive = await worker.stillHas(owner.worker.id, delivery.subject)
      answers.push(alive)
      return alive ? NOT_MINE : DONE
    })
    proxy.refuse(true)
    proxy.cutAll()
    await server.nats.kill()
    await delay(8000)
    await server.nats.restart()
    await expect.poll(() => asked.length, PATIENTLY).toBeGreaterThan(0)
    expect(answers).toEqual([])
    proxy.refuse(false)
    await expect.poll(() => answers.length, PATIENTLY).toBeGreaterThan(0)
    expect(answers.every(Boolean)).toBe(true)
    await Promise.all([owner.bus.untilConnected(), log.bus.untilConnected()])
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(1)
    finish.resolve(DONE)
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
    expect(owner.taken).toHaveLength(1)
    expect(other.errors.every((error) => error instanceof Error)).toBe(true)
  }, 40_000)

  test('a worker that failed and is handed the job anew is not taken for its own predecessor', async ({
    expect,
    onTestFinished,
  }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    await publishJob(log, newSession(), job)
    const answers: boolean[] = []
    await server.taker('llm', async (delivery, { worker }) => {
      if (delivery.deliveries === 1) throw new Error('failed half way')
      answers.push(await worker.stillHas(worker.id, delivery.subject))
      return DONE
    })
    await expect.poll(() => jobsIn(log.bus), PATIENTLY).toBe(0)
    expect(answers).toEqual([false])
  })

  test('a worker answers for the jobs it holds, and only for them', async ({ expect, onTestFinished }) => {
    const server = await OwnServer.start(onTestFinished)
    const log = await server.openLog()
    const holder = await server.taker('llm', () => never)
    const ref = newSession()
    await publishJob(log, ref, job)
    await expect.poll(() => holder.taken.length, PATIENTLY).toBe(1)
    const { worker } = await server.taker('run', async () => DONE)
    expect(await worker.stillHas(holder.worker.id, log.subjects.work(ref, 'llm', 'm1'))).toBe(true)
    expect(await worker.stillHas(holder.worker.id, log.subjects.work(ref, 'llm', 'm2'))).toBe(false)
  })
})
