import { newId } from '@spool/events'
import { enqueue, publishJob } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Deployment, eventually, newSession, runRequest } from './support/deployment.ts'

const SLOW = 'demo/steady?tokens=2000&tps=20'

let spool: Deployment

beforeAll(async () => {
  spool = await Deployment.start()
  await Promise.all([spool.run('agent-orchestrator', { SPOOL_RUN_LIMIT_MS: '1000' }), spool.run('llm-proxy')])
})
afterAll(() => spool.stop())

test('a run past its time is cancelled, and keeps what was written, as soon as somebody looks', async () => {
  const ref = newSession()
  await spool.ask(ref, { model: SLOW })
  // As the sweep does it.
  await eventually(async () => {
    const types = await spool.types(ref)
    await publishJob(spool.log, ref, { kind: 'run', key: String(await spool.log.lastPosition(ref)) })
    return types.includes('run.cancelled')
  }, 'the run has ended')
  const end = (await spool.chain(ref)).at(-1)?.event()
  expect(end).toMatchObject({ type: 'run.cancelled', reason: 'time_limit' })
  expect(await spool.types(ref)).toContain('message.completed')
  expect(await spool.faults(ref)).toEqual([])
})

test('while the queue of jobs is full a run waits, and uses up none of its deliveries', async () => {
  const { jsm } = spool.bus
  const { config } = await jsm.streams.info('WORK')
  // No consumer takes jobs of this kind.
  await enqueue(spool.log, `work.nobody.0.test.${newId()}`, '')
  await jsm.streams.update('WORK', { ...config, max_msgs: 1 })
  const ref = newSession()
  const asked = spool.ask(ref)
  await eventually(async () => (await spool.types(ref)).length === 3, 'the run has begun')
  const intake = await jsm.consumers.info('INTAKE', 'intake')
  expect(intake).toMatchObject({ num_ack_pending: 1, num_redelivered: 0 })
  await jsm.streams.update('WORK', { ...config, max_msgs: -1 })
  expect(await asked).toMatchObject({ ok: true })
  await spool.ended(ref, 1)
  expect(await spool.faults(ref)).toEqual([])
})

test('a request of which every step fails ends as a failed run, and those behind it go on', async () => {
  const ref = newSession()
  // Larger than an event may be: the gateway would not have let it in.
  const hopeless = runRequest({ metadata: { text: 'x'.repeat(300 * 1024) } })
  const asked = spool.request(spool.log.subjects.intake(ref, hopeless.request), hopeless, 90_000)
  const behind = spool.ask(ref, {}, 90_000)
  expect(await asked).toMatchObject({ ok: false, status: 500, code: 'step_failed' })
  expect((await spool.chain(ref))[0]?.event()).toMatchObject({ type: 'run.failed', run: hopeless.run })
  expect(await behind).toMatchObject({ ok: true })
  await spool.ended(ref, 2)
}, 60_000)
