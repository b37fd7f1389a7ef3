import { newId } from '@spool/events'
import { type Delivery, QueueConsumer, type Settlement, Worker } from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Trigger } from '../src/deciding/decision.ts'
import type { Forker } from '../src/forking/forker.ts'
import type { Stepper } from '../src/stepping/stepper.ts'
import { ControlController } from '../src/taking/control.controller.ts'
import { Deployment, eventually, newSession, runRequest } from './support/deployment.ts'
import { stepperOn } from './support/stepper-on.ts'

const NO_FORKS = {} as Forker

let spool: Deployment

beforeAll(async () => {
  spool = await Deployment.start()
})
afterAll(() => spool.stop())

test('a cancel finds its run also where that goes from the intake into the log just while it looks', async () => {
  const ref = newSession()
  const request = runRequest()
  const inTake = spool.request(spool.log.subjects.intake(ref, request.request), request, 0)
  const stepper = stepperOn(spool.log)
  const cancelled: Trigger[] = []
  const overtaken = {
    take: async (...[where, trigger]: Parameters<Stepper['take']>) => {
      const step = await stepper.take(where, trigger)
      cancelled.push(trigger)
      if (cancelled.length > 1) return step
      // It has looked into the log. Now another orchestrator takes the request.
      await inTake
      await stepper.take(where, { kind: 'start', request })
      await spool.bus.jsm.streams.purge('INTAKE')
      return step
    },
  }
  const controller = new ControlController(spool.log, overtaken as Stepper, NO_FORKS)
  await taking((delivery) => controller.take(delivery))
  expect(await spool.cancel(ref, request.run)).toMatchObject({ ok: true, status: 'cancelled' })
  expect(await spool.faults(ref)).toEqual([])
})

test('a cancel does not wait behind answers that need persistence while that is away, and none of them is lost', async () => {
  const [ref, purged] = [newSession(), newSession()]
  const request = runRequest()
  const stepper = stepperOn(spool.log)
  await stepper.take(ref, { kind: 'start', request })
  spool.archive.away = true
  const answer = { request: newId(), confirmation: newId(), action: 'confirm', by: 'ada', via: 'http' }
  const subject = spool.log.subjects.controlJob(purged, 'confirm', answer.request)
  const { reply } = await spool.queued(subject, answer)
  const controller = new ControlController(spool.log, stepper, NO_FORKS)
  await taking((delivery) => controller.take(delivery))
  await eventually(() => spool.archive.unanswered > 0, 'the answer needs persistence')
  expect(await spool.cancel(ref, request.run, 5000)).toMatchObject({ ok: true, status: 'cancelled' })
  spool.archive.away = false
  expect(await reply).toMatchObject({ ok: false, code: 'session_not_found' })
})

async function taking(handle: (delivery: Delivery) => Promise<Settlement>): Promise<void> {
  const worker = new Worker(spool.bus, 'test')
  const options = { queue: 'control', slots: 1, onError: () => undefined } as const
  const consumer = new QueueConsumer(spool.bus, worker, options, handle)
  await consumer.start()
  onTestFinished(async () => {
    await consumer.stop()
    worker.close()
  })
}
