import 'reflect-metadata'
import { Controller, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices'
import { expect, onTestFinished, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { type Delivery, DONE, JobFailures, publishJob, QueueServer, type Settlement, Worker } from '../src/index.ts'
import { jobsIn, OwnServer } from './support/own-server.ts'
import { newSession } from './support/sessions.ts'

const finish = Promise.withResolvers<void>()
const handled: string[] = []

@Controller()
class Jobs {
  @EventPattern('llm')
  async onLlm(@Payload() delivery: Delivery, @Ctx() context: unknown): Promise<Settlement> {
    void context
    handled.push(`llm ${delivery.tail.join()} ${delivery.deliveries}`)
    if (delivery.tail[0] === 'fails' && delivery.deliveries === 1) throw new TypeError('a handler fails')
    if (delivery.tail[0] === 'long') await finish.promise
    return DONE
  }

  @EventPattern('run')
  async onRun(delivery: Delivery): Promise<Settlement | undefined> {
    handled.push(`run ${delivery.tail.join()}`)
    return delivery.deliveries === 1 ? undefined : DONE
  }
}

@Module({ controllers: [Jobs] })
class JobsModule {}

test('handlers of a Nest microservice work on the queues, and the application waits for them when it closes', async () => {
  const server = await OwnServer.start(onTestFinished)
  const log = await server.openLog()
  const worker = new Worker(log.bus, 'nest')
  onTestFinished(() => worker.close())
  const errors: unknown[] = []
  const strategy = new QueueServer({ bus: log.bus, worker, onError: (error) => void errors.push(error) })
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(JobsModule, { strategy, logger: false })
  app.useGlobalFilters(new JobFailures())
  await app.listen()
  const ref = newSession()
  await publishJob(log, ref, { kind: 'llm', key: 'm1' })
  await publishJob(log, ref, { kind: 'llm', key: 'fails' })
  await publishJob(log, ref, { kind: 'run', key: '7' })
  await eventually(() => jobsIn(log.bus)).toBe(0)
  expect(handled.toSorted()).toEqual(['llm fails 1', 'llm fails 2', 'llm m1 1', 'run 7', 'run 7'])
  expect(errors).toHaveLength(2)
  expect(errors).toContainEqual(new TypeError('a handler fails'))
  expect(errors).toContainEqual(new TypeError('The handler of the queue run must return a settlement.'))

  await publishJob(log, ref, { kind: 'llm', key: 'long' })
  await eventually(() => handled.at(-1)).toBe('llm long 1')
  let closed = false
  const closing = app.close().then(() => (closed = true))
  await log.bus.nc.flush()
  expect(closed).toBe(false)
  finish.resolve()
  await closing
  await eventually(() => jobsIn(log.bus)).toBe(0)
})
