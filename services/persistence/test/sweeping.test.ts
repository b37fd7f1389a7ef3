import { newId } from '@spool/events'
import { afterEach, expect, test } from 'vitest'
import { Conversation } from './support/conversation.ts'
import { startSystem, type System } from './support/system.ts'
import { until } from './support/until.ts'

let system: System
afterEach(() => system.stop())

const IDLE_MS = 1500

/** The jobs that wait for the orchestrator in a session, by the position that is their key. */
async function jobs(conversation: Conversation): Promise<number[]> {
  const subject = system.log.subjects.work(conversation.ref, 'run', '*')
  const info = await system.bus.jsm.streams.info('WORK', { subjects_filter: subject })
  return Object.keys(info.state.subjects ?? {}).map((each) => Number(each.split('.').at(-1)))
}

async function begin(): Promise<void> {
  system = await startSystem()
  system.startCopy({ SPOOL_SWEEP_IDLE_MS: String(IDLE_MS) })
  await system.ready()
}

test('an open run without an event is handed to the orchestrator again, one that is finished is not', async () => {
  await begin()
  const finished = new Conversation(system.log)
  await finished.answer(3)
  const silent = new Conversation(system.log)
  const { run, message } = await silent.begin()
  await silent.delta(run, message, 1, 'and then')
  const startedMs = Date.now()
  await until('it is swept', async () => (await jobs(silent)).includes(silent.seq))
  expect(Date.now() - startedMs).toBeGreaterThan(IDLE_MS - 500)
  expect(await jobs(finished)).toEqual([])
})

test('a silent run is found also while others never pause', async () => {
  await begin()
  const silent = new Conversation(system.log)
  await silent.begin()
  const enough = new AbortController()
  const busy = Array.from({ length: 4 }, async () => {
    const conversation = new Conversation(system.log)
    const { run, message } = await conversation.begin()
    for (let n = 1; !enough.signal.aborted; n++) await conversation.delta(run, message, n, 'word ')
  })
  try {
    await until('it is swept', async () => (await jobs(silent)).includes(silent.seq))
  } finally {
    enough.abort()
    await Promise.all(busy)
  }
})

/** A session with a question that waits, in a run that has used up its time. */
async function asking(deadlineMs: number): Promise<Conversation> {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin('Go', { limits: { wall_clock_seconds: 1 } })
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop' })
  await conversation.say('confirmation.requested', {
    run,
    confirmation: newId(),
    kind: 'plan',
    round: 1,
    prompt: 'Shall I?',
    tasks: [],
    hash: 'h',
    options: ['confirm', 'cancel'],
    timeout_seconds: 300,
    deadline: new Date(Date.now() + deadlineMs).toISOString(),
  })
  return conversation
}

test('a run that waits for a person is left alone, until its question is past its deadline', async () => {
  await begin()
  const patient = await asking(300_000)
  const late = await asking(3000)
  await until('the late one is swept', async () => (await jobs(late)).includes(late.seq))
  expect(await jobs(patient)).toEqual([])
})

test('an idle session with a queue and a run past its time limit are handed on without waiting to be silent', async () => {
  system = await startSystem()
  system.startCopy({ SPOOL_SWEEP_IDLE_MS: '60000' })
  await system.ready()
  const queued = new Conversation(system.log)
  await queued.answer(1)
  const waiting = newId()
  await queued.say('run.queued', {
    run: waiting,
    kind: 'agent',
    message: newId(),
    parts: [{ type: 'text', text: 'next' }],
  })
  const overdue = new Conversation(system.log)
  const { run, message } = await overdue.begin('Go', { limits: { wall_clock_seconds: 1 } })
  const streaming = (async () => {
    for (let n = 1; n <= 40; n++) {
      await overdue.delta(run, message, n, 'word ')
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  })()
  await until('the queue is swept', async () => (await jobs(queued)).includes(queued.seq))
  await until('the overdue run is swept, although it streams', async () => (await jobs(overdue)).length > 0)
  await streaming
  // Not once a second: once, and again after as long as for a silent one.
  expect(await jobs(overdue)).toHaveLength(1)
})

test('nothing is swept while the projection lags', async () => {
  system = await startSystem()
  const silent = new Conversation(system.log)
  await silent.begin()
  // A copy that stands by does not sweep either: somebody else holds the lock and does not project.
  const holder = system.startCopy({ SPOOL_SWEEP_IDLE_MS: '100' })
  await system.ready()
  await until('it is swept', async () => (await jobs(silent)).length === 1)
  process.kill(holder.pid, 'SIGSTOP')
  const standby = system.startCopy({ SPOOL_SWEEP_IDLE_MS: '100' })
  await until('it stands by', () => standby.output().includes('Ready'))
  const later = new Conversation(system.log)
  await later.begin()
  await until('its sweeper has looked several times', async () => {
    const [row] = await system.sql<{ age: number }>(
      `select extract(epoch from now() - backend_start)::float8 as age from pg_stat_activity
       where application_name = 'persistence-2 shard 0'`,
    )
    return row!.age > 2
  })
  expect(await jobs(later)).toEqual([])
  process.kill(holder.pid, 'SIGCONT')
  await until('it is swept', async () => (await jobs(later)).length > 0)
})
