import { draft, encodeEvent, newId } from '@spool/events'
import { Client } from 'pg'
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
  // What Postgres finds in no JSON must not keep it from the rest.
  const odd = new Conversation(system.log)
  await odd.begin('Go', { metadata: { note: 'a\u0000b', half: '\ud83d' }, limits: { wall_clock_seconds: 3600 } })
  const silent = new Conversation(system.log)
  const { run, message } = await silent.begin()
  await silent.delta(run, message, 1, 'and then')
  const startedMs = Date.now()
  await until('it is swept', async () => (await jobs(silent)).includes(silent.seq))
  expect(Date.now() - startedMs).toBeGreaterThan(IDLE_MS - 500)
  await until('the odd one is, too', async () => (await jobs(odd)).includes(odd.seq))
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
  await ask(conversation, run, deadlineMs)
  return conversation
}

async function ask(conversation: Conversation, run: string, deadlineMs: number, round = 1): Promise<string> {
  const confirmation = newId()
  await conversation.say('confirmation.requested', {
    run,
    confirmation,
    kind: 'plan',
    round,
    prompt: 'Shall I?',
    tasks: [],
    hash: 'h',
    options: ['confirm', 'modify', 'cancel'],
    timeout_seconds: 300,
    deadline: new Date(Date.now() + deadlineMs).toISOString(),
  })
  return confirmation
}

/** Takes what waits for the orchestrator, as one does that finds nothing to say. */
async function takeJobs(conversation: Conversation): Promise<void> {
  await system.bus.jsm.streams.purge('WORK', { filter: system.log.subjects.work(conversation.ref, 'run', '*') })
}

test('a run that waits for a person is left alone, until its question is past its deadline', async () => {
  await begin()
  const patient = await asking(300_000)
  const late = await asking(3000)
  await until('the late one is swept', async () => (await jobs(late)).includes(late.seq))
  expect(await jobs(patient)).toEqual([])
  // However many wait, the sweep has nothing to look at.
  expect(await system.sql('select session from sessions where at_work')).toEqual([])
})

test('what is due is handed on again while it stands, and what is due next in the same session on its own', async () => {
  system = await startSystem()
  system.startCopy({ SPOOL_SWEEP_IDLE_MS: '60000' })
  await system.ready()
  await Promise.all([twoQuestions(), twoMemories()])
})

async function twoQuestions(): Promise<void> {
  const conversation = new Conversation(system.log)
  const { run, message } = await conversation.begin()
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop' })
  const confirmation = await ask(conversation, run, 200)
  const first = conversation.seq
  await until('the deadline is handed on', async () => (await jobs(conversation)).includes(first))
  await takeJobs(conversation)
  await until('it is again', async () => (await jobs(conversation)).includes(first), 10_000)
  await takeJobs(conversation)
  const answer = { run, confirmation, action: 'modify', message: 'less', by: 'user', via: 'http' } as const
  await conversation.say('confirmation.resolved', answer)
  await ask(conversation, run, 200, 2)
  await until('the next deadline is', async () => (await jobs(conversation)).includes(conversation.seq), 10_000)
}

async function twoMemories(): Promise<void> {
  const conversation = new Conversation(system.log)
  for (const what of ['the first', 'the second']) {
    const { run, message } = await conversation.begin('Hello', { memory: 'on' })
    await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop' })
    const fields = {
      run,
      status: 'done',
      usage: { input_tokens: 0, output_tokens: 0 },
      steps: 1,
      duration_ms: 1,
    } as const
    // So long ago that its memory is due within a second.
    const completed = draft('run.completed', fields, new Date(Date.now() - 11_000))
    await conversation.append('run.completed', encodeEvent(completed))
    await until(`${what} is handed on`, async () => (await jobs(conversation)).includes(conversation.seq), 10_000)
    await takeJobs(conversation)
  }
}

test('a deadline is kept while the projection lags, and after a restart', async () => {
  system = await startSystem()
  const copy = system.startCopy()
  await system.ready()
  const lagging = await asking(1000)
  const afterwards = await asking(1000)
  await until('they wait', async () => (await system.sql('select id from questions')).length === 2)
  const blocker = new Client(system.postgres.url)
  await blocker.connect()
  await blocker.query('begin; lock table events in exclusive mode')
  await new Conversation(system.log).begin()
  await until('the late one is handed on', async () => (await jobs(lagging)).includes(lagging.seq))
  await blocker.end()
  await copy.end('SIGKILL')
  await takeJobs(afterwards)
  system.startCopy()
  await until('it is handed on by the next copy', async () => (await jobs(afterwards)).includes(afterwards.seq))
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
