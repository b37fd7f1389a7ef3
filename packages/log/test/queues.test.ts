import { expect, onTestFinished, describe, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { ArchiveUnavailable, DONE, enqueue, type Log, publishJob, QueueFull } from '../src/index.ts'
import { provisioned } from './support/deployment.ts'
import { jobsIn, OwnServer } from './support/own-server.ts'
import { newSession } from './support/sessions.ts'

const job = (key: string) => ({ kind: 'llm', key }) as const

describe.each(['oldest', 'newest'] as const)('%s server', (age) => {
  test('a job that is published twice waits once, and can be published again after it was done', async () => {
    const server = await OwnServer.start(onTestFinished, { age })
    const log = await server.openLog()
    const ref = newSession()
    await publishJob(log, ref, job('m1'))
    await publishJob(log, ref, job('m1'))
    expect(await jobsIn(log.bus)).toBe(1)
    const finish = Promise.withResolvers<typeof DONE>()
    const { taken } = await server.taker('llm', () => finish.promise)
    await eventually(() => taken.length).toBe(1)
    // In work it is not doubled either.
    await publishJob(log, ref, job('m1'))
    expect(await jobsIn(log.bus)).toBe(1)
    finish.resolve(DONE)
    await eventually(() => jobsIn(log.bus)).toBe(0)
    await publishJob(log, ref, job('m1'))
    await eventually(() => taken.length).toBe(2)
  })

  test('a queue that is full says so; a job that is there already is there, full or not', async () => {
    const server = await OwnServer.start(onTestFinished, { age, queueMaxBytes: 20_000 })
    const log = await server.openLog()
    const ref = newSession()
    let published = 0
    const filling = (async () => {
      for (;;) {
        await publishJob(log, ref, job(`m${published}`))
        published++
      }
    })()
    await expect(filling).rejects.toThrow(QueueFull)
    await expect(filling).rejects.toMatchObject({ code: 'overloaded', retryable: true })
    expect(await jobsIn(log.bus)).toBe(published)
    await publishJob(log, ref, job('m0'))
  })

  test('what waits for something that is away or full uses up no delivery; what fails is counted', async () => {
    const server = await OwnServer.start(onTestFinished, { age })
    const log = await server.openLog()
    await publishJob(log, newSession(), job('m1'))
    const outcomes = [new ArchiveUnavailable(), new QueueFull('work.llm'), new TypeError('a mistake'), DONE]
    const seen: [number, number][] = []
    await server.taker('llm', async (delivery) => {
      seen.push([delivery.deliveries, delivery.failures])
      const outcome = outcomes.shift()!
      if (outcome instanceof Error) throw outcome
      return outcome
    })
    await eventually(() => seen.length).toBe(4)
    expect(seen).toEqual([
      [1, 0],
      [1, 0],
      [1, 0],
      [2, 1],
    ])
  })

  test('no more jobs are fetched than there are free slots', async () => {
    const server = await OwnServer.start(onTestFinished, { age })
    const log = await server.openLog()
    await publishMany(log, 40)
    const finish = Promise.withResolvers<typeof DONE>()
    let busy = 0
    let most = 0
    const work = async () => {
      most = Math.max(most, ++busy)
      await finish.promise
      busy--
      return DONE
    }
    const { taken } = await server.taker('llm', work, { slots: 3 })
    await eventually(() => taken.length).toBe(3)
    const info = await log.bus.jsm.consumers.info('WORK', 'llm')
    expect(info).toMatchObject({ num_ack_pending: 3, num_pending: 37, num_waiting: 0 })
    finish.resolve(DONE)
    await eventually(() => jobsIn(log.bus)).toBe(0)
    expect(most).toBe(3)
    expect(new Set(taken.map(({ subject }) => subject)).size).toBe(40)
  })
})

test('a handler that throws gets its job again later', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  await publishMany(log, 1)
  const { taken, errors } = await server.taker('llm', async ({ deliveries }) => {
    if (deliveries < 2) throw new Error('the first time it fails')
    return DONE
  })
  await eventually(() => jobsIn(log.bus)).toBe(0)
  expect(taken.map(({ deliveries }) => deliveries)).toEqual([1, 2])
  expect(errors).toEqual([new Error('the first time it fails')])
})

test('a job can be put off, and one that can never succeed is taken out', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  const ref = newSession()
  await publishJob(log, ref, job('later'))
  await publishJob(log, ref, job('unusable'))
  const takenAt: number[] = []
  const { taken } = await server.taker('llm', async ({ tail, deliveries }) => {
    if (tail[0] === 'unusable') return { kind: 'unusable', reason: 'it does not parse' }
    takenAt.push(performance.now())
    return deliveries === 1 ? { kind: 'later', delayMs: 300 } : DONE
  })
  await eventually(() => jobsIn(log.bus)).toBe(0)
  expect(taken).toHaveLength(3)
  expect(takenAt[1]! - takenAt[0]!).toBeGreaterThanOrEqual(250)
})

test('stopping waits for what is in work and takes nothing new', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  await publishMany(log, 1)
  const finish = Promise.withResolvers<typeof DONE>()
  const { consumer, taken } = await server.taker('llm', () => finish.promise)
  await eventually(() => taken.length).toBe(1)
  let stopped = false
  const stopping = consumer.stop().then(() => (stopped = true))
  await publishMany(log, 3)
  await log.bus.nc.flush()
  expect(stopped).toBe(false)
  finish.resolve(DONE)
  await stopping
  await eventually(() => jobsIn(log.bus)).toBe(3)
  expect(taken).toHaveLength(1)
})

test('a delivery says where its job belongs, by its subject', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  const ref = newSession('acme')
  await publishJob(log, ref, { kind: 'run', key: '42' }, '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01')
  await enqueue(log, log.subjects.intake(ref, 'r1'), '{"text":"hello"}', { 'Spool-Reply': 'inbox' })
  await enqueue(log, log.subjects.controlJob(ref, 'cancel', 'c1'), '{}')
  const [run, intake, control] = await Promise.all([
    server.taker('run', async () => DONE),
    server.taker('intake', async () => DONE),
    server.taker('control', async () => DONE),
  ])
  await eventually(() => [run, intake, control].map(({ taken }) => taken.length)).toEqual([1, 1, 1])
  expect(run.taken[0]).toMatchObject({ ref, tail: ['42'], deliveries: 1 })
  expect(run.taken[0]!.header('traceparent')).toMatch(/^00-0af7/)
  expect(intake.taken[0]).toMatchObject({ ref, tail: ['r1'], text: '{"text":"hello"}' })
  expect(intake.taken[0]!.header('Spool-Reply')).toBe('inbox')
  expect(control.taken[0]).toMatchObject({ ref, tail: ['cancel', 'c1'] })
})

test('a job that was not acknowledged by the bus is reported, not lost in silence', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  await server.nats.kill()
  await expect(publishMany(log, 1)).rejects.toMatchObject({ code: 'bus_unavailable', retryable: true })
})

test('a queue that does not answer is told once, by however many pulls it was asked, and asked until it does', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  const finish: ((settlement: typeof DONE) => void)[] = []
  const work = () => new Promise<typeof DONE>((resolve) => finish.push(resolve))
  const { taken, errors } = await server.taker('llm', work, { slots: 30 })
  for (let outages = 1; outages <= 3; outages++) {
    const before = taken.length
    await publishMany(log, 30)
    await eventually(() => taken.length).toBe(before + 30)
    // Each that ends asks for one more.
    for (const done of finish.splice(0)) {
      done(DONE)
      await new Promise(setImmediate)
    }
    await eventually(() => jobsIn(log.bus)).toBe(0)
    await log.bus.jsm.consumers.delete('WORK', 'llm')
    await eventually(() => errors.length).toBe(outages)
    await provisioned(server.nats.url)
  }
  await publishMany(log, 1)
  await eventually(() => taken.length).toBe(91)
  expect(errors).toHaveLength(3)
})

async function publishMany(log: Log, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await publishJob(log, newSession(), job('m'))
}
