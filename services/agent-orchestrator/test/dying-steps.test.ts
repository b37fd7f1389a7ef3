import { draft, encodeEvent, newId, runOf } from '@spool/events'
import {
  ArchiveOverNats,
  Bus,
  ChainWriter,
  Log,
  Queries,
  type RunRequest,
  SessionLoader,
  type SessionRef,
} from '@spool/log'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Trigger } from '../src/deciding/decision.ts'
import type { Stepper } from '../src/stepping/stepper.ts'
import { Deployment, newSession, runRequest } from './support/deployment.ts'
import { stepperOn } from './support/stepper-on.ts'

let spool: Deployment

beforeAll(async () => {
  spool = await Deployment.start()
})
afterAll(() => spool.stop())

const WHOLE_RUN = [
  'run.started',
  'message.added',
  'message.requested',
  'message.started',
  'generation.started',
  'message.completed',
  'run.completed',
]
const INTERRUPTED = [...WHOLE_RUN.slice(0, 3), 'run.queued', 'run.cancel_requested', 'message.completed']
const INTERRUPTING = [...INTERRUPTED, 'run.cancelled', 'run.started', 'message.added', 'message.requested']
/** More than a step publishes, events and jobs. */
const MOST = 9

for (const how of ['before it is sent', 'before its ack is heard'] as const) {
  test(`an orchestrator that dies at any publish, ${how}, leaves a run that the next one completes`, async () => {
    for (let dyingAt = 1; dyingAt <= MOST; dyingAt++) {
      const ref = newSession()
      const request = runRequest()
      await stepOfTheDying(ref, { kind: 'start', request }, dyingAt, how)
      await answered(ref, request)
      await stepOfTheDying(ref, { kind: 'work' }, dyingAt, how)
      expect(await spool.types(ref)).toEqual(WHOLE_RUN)
      expect(await jobsOf(ref)).toEqual(['llm'])
    }
  })

  test(`and likewise one that interrupts another run, ${how}`, async () => {
    for (let dyingAt = 1; dyingAt <= MOST; dyingAt++) {
      const ref = newSession()
      await (await orchestrator()).take(ref, { kind: 'start', request: runRequest() })
      const request = runRequest({ when_busy: 'interrupt' })
      await stepOfTheDying(ref, { kind: 'start', request }, dyingAt, how)
      expect(await spool.types(ref)).toEqual(INTERRUPTING)
      expect(await jobsOf(ref)).toEqual(['llm', 'llm'])
    }
  })
}

/**
 * The step is taken by an orchestrator that freezes for good at its n-th publish, then by another one as it is given
 * out again; at last the first one wakes and goes on where it stood.
 */
async function stepOfTheDying(ref: SessionRef, trigger: Trigger, dyingAt: number, how: string): Promise<void> {
  const frozen = Promise.withResolvers<void>()
  const awake = Promise.withResolvers<void>()
  const dying = await orchestrator((publishes, publish) => {
    if (publishes !== dyingAt) return publish()
    if (how === 'before it is sent') {
      frozen.resolve()
      return awake.promise.then(publish)
    }
    const published = publish()
    void published.then(
      () => frozen.resolve(),
      () => frozen.resolve(),
    )
    return awake.promise.then(() => published)
  })
  const lastBefore = (await spool.chain(ref)).at(-1)?.id
  const dyingStep = dying.take(ref, trigger)
  const died = await Promise.race([frozen.promise.then(() => true), dyingStep.then(() => false)])
  // Every step here appends something.
  if (dyingAt === 1) expect(died).toBe(true)
  if (dyingAt === 1 && how === 'before it is sent') expect((await spool.chain(ref)).at(-1)?.id).toBe(lastBefore)
  await (await orchestrator()).take(ref, trigger)
  const before = await spool.chain(ref)
  awake.resolve()
  await dyingStep
  expect((await spool.chain(ref)).map(({ id }) => id)).toEqual(before.map(({ id }) => id))
}

type Publish = () => ReturnType<Bus['js']['publish']>

async function orchestrator(
  onPublish?: (publishes: number, publish: Publish) => ReturnType<Publish>,
): Promise<Stepper> {
  const bus = await Bus.connect({ servers: spool.nats.url, name: 'orchestrator' })
  onTestFinished(() => bus.close())
  if (onPublish !== undefined) {
    let publishes = 0
    const publishJob = bus.js.publish.bind(bus.js)
    bus.js.publish = (...args) => onPublish(++publishes, () => publishJob(...args))
    const publishEvent = bus.acks.publish.bind(bus.acks)
    bus.acks.publish = (...args) => onPublish(++publishes, () => publishEvent(...args))
  }
  const log = await Log.open(bus, new ArchiveOverNats(new Queries(bus)))
  return stepperOn(log)
}

/** What a proxy does. */
async function answered(ref: SessionRef, { run }: RunRequest): Promise<void> {
  const state = await new SessionLoader(spool.log).load(ref)
  expect(runOf(state, run)?.status).toBe('active')
  const message = state.messages.at(-1)!.id
  const now = new Date()
  const by = { provider: 'demo', model: 'demo' }
  const attempt = { attempt: 1, worker: 'w', reason: 'first', kept: 0 } as const
  const writer = new ChainWriter(spool.log, ref, state.seq)
  for (const event of [
    draft('message.started', { run, message, role: 'assistant', purpose: 'answer', ...by }, now),
    draft('generation.started', { run, message, ...attempt, ...by }, now),
    draft('message.completed', { run, message, status: 'complete', reason: 'stop' }, now),
  ]) {
    await writer.append({ id: newId(), type: event.type, body: encodeEvent(event) })
  }
}

/** The kinds of the jobs that lie in the queue for a session, whoever published them and however often. */
async function jobsOf(ref: SessionRef): Promise<string[]> {
  const filter = `work.*.*.${ref.tenant}.${ref.session}.*`
  const { state } = await spool.bus.jsm.streams.info('WORK', { subjects_filter: filter })
  expect(Object.values(state.subjects ?? {}).every((count) => count === 1)).toBe(true)
  return Object.keys(state.subjects ?? {})
    .map((subject) => subject.split('.')[1]!)
    .toSorted()
}
