import { newId } from '@spool/events'
import {
  Bus,
  ChainWriter,
  type Delivery,
  DONE,
  enqueue,
  Log,
  provision,
  publishJob,
  QueueConsumer,
  type QueueName,
  type Settlement,
  Worker,
} from '@spool/log'
import { natsBinaries, type RunningNats, startNats } from '@spool/testing'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { spoolWith } from './support/run-spool.ts'

let nats: RunningNats
let bus: Bus
let log: Log

async function start(age: 'oldest' | 'newest' = 'newest'): Promise<void> {
  nats = await startNats({ binary: (await natsBinaries())[age] })
  bus = await Bus.connect({ servers: nats.url, name: 'test' })
  await provision(bus)
  log = await Log.open(bus, noArchive)
  const body = new TextEncoder().encode('{"v":1,"type":"custom.note"}')
  for (const ref of [acme, other]) await new ChainWriter(log, ref, 0).append({ id: newId(), type: 'custom.note', body })
}
const ended = async () => {
  await bus.close()
  await nats.stop()
}

/** Nothing has left JetStream here. */
const noArchive = {
  tail: async () => ({ seq: 0, erased: false }),
  async *read() {},
  has: async () => false,
  state: async () => null,
  heights: async () => [],
} as unknown as Parameters<typeof Log.open>[1]

const run = (...args: string[]) => spoolWith({ NATS_URL: nats.url })(...args)
const jobs = async (...args: string[]) => (await run('jobs', ...args, '--json')).documents

/** A process that works on a queue, over a connection of its own. */
async function taker(name: string, queue: QueueName, handle: (delivery: Delivery) => Promise<Settlement>) {
  const own = await Bus.connect({ servers: nats.url, name })
  const worker = new Worker(own, name)
  const taken: Delivery[] = []
  const consumer = new QueueConsumer(own, worker, { queue, slots: 4, onError: () => undefined }, (delivery) => {
    taken.push(delivery)
    return handle(delivery)
  })
  await consumer.start()
  onTestFinished(async () => {
    worker.close()
    await own.close()
  })
  return { taken, worker, consumer, own }
}

/** What is refused is so before anybody is asked. */
const nowhere = spoolWith({ NATS_URL: 'nats://127.0.0.1:1' })

const never = new Promise<never>(() => undefined)
const acme = { tenant: 'acme', session: 'chat' }
const other = { tenant: 'other', session: 'chat' }

describe('what is listed', () => {
  beforeEach(() => start())
  afterEach(ended)

  test('every job with its kind, its session, what it is about, how long it is there and how it stands', async () => {
    expect(await run('jobs')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'No jobs: nothing waits and nothing is being worked on.\n',
    })
    const request = { run: 'r1', parts: [{ type: 'text', text: 'a secret of the user' }] }
    await enqueue(log, log.subjects.intake(acme, 'q1'), JSON.stringify(request))
    await enqueue(log, log.subjects.controlJob(acme, 'confirm', 'q2'), '{"confirmation":"c1"}')
    await publishJob(log, acme, { kind: 'llm', key: 'm1' })
    await publishJob(log, other, { kind: 'tool', key: 't1' })
    await publishJob(log, acme, { kind: 'run', key: '42' })
    const worker = await taker('llm-proxy-7', 'llm', () => never)
    const delayer = await taker('orchestrator-3', 'tool', async () => ({ kind: 'later', delayMs: 60_000 }))
    await expect.poll(() => [worker.taken.length, delayer.taken.length]).toEqual([1, 1])

    const documents = await jobs()
    expect(documents).toMatchObject([
      { id: 'intake:1', kind: 'intake', ...acme, request: 'q1', run: 'r1', state: 'waiting', deliveries: 0 },
      { id: 'control:1', kind: 'control', request: 'q2', asks: 'confirm', confirmation: 'c1', state: 'waiting' },
      { id: 'work:1', kind: 'llm', message: 'm1', state: 'in work', instance: 'llm-proxy-7', deliveries: 1 },
      { id: 'work:2', kind: 'tool', ...other, call: 't1', state: 'delayed', instance: 'orchestrator-3' },
      { id: 'work:3', kind: 'run', after: '42', state: 'waiting' },
    ])
    for (const { age_ms: age } of documents) expect(age).toBeLessThan(60_000)
    const shown = await run('jobs')
    expect(shown.stdout).toMatch(/^work:1 +llm +in work \d.*llm-proxy-7 +1 +acme +chat +message m1$/m)
    expect(shown.stdout).not.toContain('secret')
    expect(shown.stderr).toMatch(/^llm: 0 waiting, 1 given out$/m)

    expect((await jobs('--kind', 'llm')).map(({ id }) => id)).toEqual(['work:1'])
    expect((await jobs('--tenant', 'other')).map(({ id }) => id)).toEqual(['work:2'])
    expect(await jobs('--session', 'chat', '--tenant', 'acme')).toHaveLength(4)
    const page = await run('jobs', '--limit', '2', '--json')
    expect(page.documents.map(({ id }) => id)).toEqual(['intake:1', 'control:1'])
    expect(page.stderr).toContain('The oldest 2 are shown')
    // To look has taken nothing from anybody.
    expect((await bus.jsm.streams.info('WORK')).state).toMatchObject({ messages: 3, consumer_count: 4 })
    expect(worker.taken).toHaveLength(1)
  })

  test('a job whose worker says nothing any more is silent until it is given out again', async () => {
    await publishJob(log, acme, { kind: 'llm', key: 'm1' })
    const frozen = await taker('frozen', 'llm', () => never)
    await expect.poll(() => frozen.taken.length).toBe(1)
    frozen.worker.close()
    await frozen.own.close()
    expect(await jobs()).toMatchObject([{ id: 'work:1', state: 'silent' }])
    const second = await taker('second', 'llm', () => never)
    expect(await run('jobs', 'requeue', 'work:1')).toMatchObject({ code: 0, stdout: 'work:1 is given out again\n' })
    await expect.poll(() => second.taken.map(({ deliveries }) => deliveries), { timeout: 2000 }).toEqual([2])
    expect(await jobs()).toMatchObject([{ state: 'in work', instance: 'second', deliveries: 2 }])
  })

  test('four thousand waiting jobs are listed soon, and whole', async () => {
    const many = Array.from({ length: 4000 }, (_, n) => n)
    while (many.length > 0) {
      await Promise.all(
        many.splice(0, 500).map((n) => publishJob(log, { ...acme, session: newId() }, { kind: 'run', key: String(n) })),
      )
    }
    const sinceMs = performance.now()
    expect(await jobs()).toHaveLength(100)
    expect(performance.now() - sinceMs).toBeLessThan(2000)
    const ids = (await jobs('--all')).map(({ id }) => id)
    expect([ids.length, new Set(ids).size]).toEqual([4000, 4000])
  })
})

describe.each(['oldest', 'newest'] as const)('%s server', (age) => {
  beforeEach(() => start(age))
  afterEach(ended)

  test('a job that waits out a delay is given out at once when it is requeued, keeps its id, and is done once', async () => {
    await publishJob(log, acme, { kind: 'tool', key: 't1' })
    await publishJob(log, acme, { kind: 'tool', key: 't2' })
    const { taken } = await taker('worker', 'tool', async ({ deliveries }) =>
      deliveries === 1 ? { kind: 'later', delayMs: 60_000 } : DONE,
    )
    await expect.poll(async () => (await jobs()).map(({ state }) => state)).toEqual(['delayed', 'delayed'])
    const answer = await run('jobs', 'requeue', 'work:2', 'work:9')
    expect(answer).toMatchObject({ code: 1, stdout: 'work:2 is given out again\n' })
    expect(answer.stderr).toContain('work:9 is not there')
    await expect.poll(() => jobs()).toMatchObject([{ id: 'work:1', state: 'delayed' }])
    expect(taken.map(({ queueSeq, deliveries }) => [queueSeq, deliveries])).toEqual([
      [1, 1],
      [2, 1],
      [2, 2],
    ])
    expect(await run('jobs', 'requeue', '--all', '--kind', 'llm')).toMatchObject({ code: 0, stdout: '' })
    expect(await jobs()).toHaveLength(1)
    expect(await run('jobs', 'requeue', '--all')).toMatchObject({ stdout: 'work:1 is given out again\n' })
    await expect.poll(() => jobs()).toEqual([])
    expect(taken).toHaveLength(4)
  })
})

describe('what is left alone, and what is taken out', () => {
  beforeEach(() => start())
  afterEach(ended)

  test('a call whose worker answers is left to it, and a job that waits only for a worker stays as it is', async () => {
    await publishJob(log, acme, { kind: 'llm', key: 'm1' })
    await publishJob(log, acme, { kind: 'run', key: '1' })
    const { taken } = await taker('proxy', 'llm', () => never)
    await expect.poll(() => taken.length).toBe(1)
    expect(await run('jobs', 'requeue', 'work:1')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/left to proxy.*cancel its run/),
    })
    expect(await run('jobs', 'requeue', 'work:2')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('waits for a free worker'),
    })
    expect(taken).toHaveLength(1)
  })

  test('a dropped job is gone, and the operator hears how to be rid of it for good', async () => {
    await publishJob(log, acme, { kind: 'run', key: '1' })
    const dropped = await run('jobs', 'drop', 'work:1')
    expect(dropped).toMatchObject({ code: 0, stdout: 'dropped work:1 (run, session chat of acme)\n' })
    expect(dropped.stderr).toMatch(/back within 30 s.*runs\/<run>\/cancel/s)
    expect(await jobs()).toEqual([])
    expect(await run('jobs', 'drop', 'work:1')).toMatchObject({ code: 1, stderr: expect.stringContaining('not there') })
    // What the sweep asks for again is a job of its own.
    await publishJob(log, acme, { kind: 'run', key: '1' })
    expect(await jobs()).toMatchObject([{ id: 'work:2' }])
  })

  test('a request of a user is dropped only by who says so, and whoever waits for its answer hears of it', async () => {
    const answers: unknown[] = []
    bus.nc.subscribe('inbox', { callback: (_, message) => void answers.push(message.json()) })
    for (const id of ['q1', 'q2']) {
      await enqueue(log, log.subjects.intake(acme, id), '{"run":"r"}', { 'Spool-Reply': 'inbox' })
    }
    expect(await run('jobs', 'drop', 'intake:1')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') })
    const no = spoolWith({ NATS_URL: nats.url }, { typed: 'n\n' })
    expect(await no('jobs', 'drop', 'intake:1')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Nothing was dropped'),
    })
    expect(await jobs()).toHaveLength(2)
    expect(await run('jobs', 'drop', '--yes', 'intake:1')).toMatchObject({ code: 0 })
    const yes = spoolWith({ NATS_URL: nats.url }, { typed: 'y\n' })
    expect(await yes('jobs', 'drop', 'intake:2')).toMatchObject({ code: 0 })
    expect(await jobs()).toEqual([])
    await expect
      .poll(() => answers)
      .toMatchObject([{ ok: false, code: 'request_dropped' }, { code: 'request_dropped' }])
  })
})

test.each([
  [['work'], /no job/],
  [['WORK:0'], /no job/],
  [['log:1'], /no job/],
  [['work:1.5'], /no job/],
  [[], /spool jobs drop/],
  [['--all'], /spool jobs drop/],
])('spool jobs drop %j is refused', async (words, message) => {
  expect(await nowhere('jobs', 'drop', ...words)).toMatchObject({ code: 2, stderr: expect.stringMatching(message) })
})

test.each([
  ['--kind', 'llms'],
  ['--tenant', 'a.*'],
  ['--session', '>'],
  ['--limit', '0'],
  ['requeue'],
  ['requeue', '--all', 'work:1'],
])('spool jobs %s %s is refused', async (...words) => {
  expect(await nowhere('jobs', ...words)).toMatchObject({ code: 2 })
})
