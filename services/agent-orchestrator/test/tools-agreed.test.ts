import { type EventFields, type Task, newId } from '@spool/events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashOf } from '../src/deciding/ask-person.ts'
import type { Tool } from '../src/tools/tool.ts'
import { Deployment } from './support/deployment.ts'
import { toolOf } from './support/test-tools.ts'
import { ToolSession } from './support/tool-session.ts'
import { type RunningToolWorker, startToolWorker } from './support/tool-worker.ts'

/*
 * The log says what is to be done, and a worker does not take its word for it: here calls are asked for that no
 * orchestrator would ask for, because nobody has agreed to them.
 */

let spool: Deployment
let worker: RunningToolWorker
/** What the tools were touched with, by call. */
const touched = new Map<string, unknown[]>()

const recording = (name: string, asksFirst: boolean): Tool =>
  toolOf({
    name,
    asksFirst,
    repeatable: false,
    run: async (input, { call }) => {
      touched.set(call, [...(touched.get(call) ?? []), input])
      return 'done'
    },
  })

beforeAll(async () => {
  spool = await Deployment.start()
  const tools = [recording('send', true), recording('pay', false), recording('look', false)]
  worker = await startToolWorker({ url: spool.nats.url, name: 'worker', tools })
})
afterAll(async () => {
  await worker?.stop()
  await spool?.stop()
})

type Confirmation = NonNullable<EventFields<'run.started'>['confirmation']>
type Answer = Partial<EventFields<'confirmation.resolved'>>

const MODES = {
  never: { mode: 'never', timeout_seconds: 60 },
  tools: { mode: 'tools', tools: ['pay'], timeout_seconds: 60 },
  plan: { mode: 'plan', timeout_seconds: 60 },
} satisfies Record<string, Confirmation>

const letter = { to: 'Ada', lines: ['Hi', 'Bye'] }
const otherLetter = { to: 'Ada', lines: ['Bye', 'Hi'] }
const planned: Task[] = [
  { index: 1, description: 'Write', tool: 'send', input: letter },
  { index: 2, description: 'Pay', tool: 'pay', input: letter },
]
const oneTask = (tool: string, input: unknown): Task[] => [{ index: 1, description: tool, tool, input }]

/** A question, with the answer that a person gave to it. */
interface Asked {
  /** A call; null: a plan. */
  about: string | null
  tasks: Task[]
  hash?: string
  answer?: Answer | null
}

async function ask(session: ToolSession, { about, tasks, hash = hashOf(tasks), answer = {} }: Asked): Promise<void> {
  const { run } = session
  const confirmation = newId()
  await session.say('confirmation.requested', {
    run,
    confirmation,
    kind: about === null ? 'plan' : 'tool',
    round: 1,
    prompt: 'May it?',
    tasks,
    ...(about !== null && { call: about }),
    hash,
    options: ['confirm', 'modify', 'cancel'],
    timeout_seconds: 60,
    deadline: new Date(Date.now() + 60_000).toISOString(),
  })
  if (answer === null) return
  await session.say('confirmation.resolved', {
    run,
    confirmation,
    action: 'confirm',
    by: 'ada',
    via: 'http',
    ...answer,
  })
}

/** What becomes of a call, and what the tool was touched with. */
async function carriedOut(
  session: ToolSession,
  called: { run?: string; call?: string; name: string; input: unknown; task?: number },
): Promise<{ end: unknown; touched: unknown[] }> {
  const call = called.call ?? newId()
  await session.say('tool.called', { run: session.run, repeatable: false, ...called, call })
  await session.publish(call)
  const { status, attempt, outcome, error } = await session.ended(call)
  const end = status === 'failed' ? { status, attempt, outcome, code: error?.code } : { status, attempt }
  return { end, touched: touched.get(call) ?? [] }
}

const REFUSED = { end: { status: 'failed', attempt: 0, outcome: 'failed', code: 'not_confirmed' }, touched: [] }
const done = (...inputs: unknown[]) => ({ end: { status: 'completed', attempt: 1 }, touched: inputs })

const beginIn = (mode: keyof typeof MODES) => ToolSession.begin(spool, mode, 'demo', { confirmation: MODES[mode] })

describe.concurrent('a worker does not touch a tool', () => {
  test.each([
    ['that always asks', 'never', 'send'],
    ['that asks in this agent', 'tools', 'pay'],
    ['that never asks, where a plan has to be agreed on', 'plan', 'look'],
  ] as const)('%s, where nobody was asked', async (_, mode, name) => {
    expect(await carriedOut(await beginIn(mode), { name, input: letter })).toEqual(REFUSED)
  })

  test.each<[string, Answer | null]>([
    ['that nobody has answered', null],
    ['that was answered with a no', { action: 'cancel' }],
    ['that was not answered in time', { action: 'timeout', by: 'spool', via: 'deadline' }],
    ['that was answered with other wishes', { action: 'modify', message: 'ask Bob first' }],
    ['that was answered with other arguments', { action: 'modify', input_before: letter, input_after: otherLetter }],
  ])('after a question %s', async (_, answer) => {
    const session = await beginIn('tools')
    const call = newId()
    await ask(session, { about: call, tasks: oneTask('pay', letter), answer })
    expect(await carriedOut(session, { call, name: 'pay', input: letter })).toEqual(REFUSED)
  })

  test.each<[string, Partial<Asked>, unknown]>([
    ['with other arguments', {}, otherLetter],
    ['with more arguments', {}, { ...letter, bcc: 'Eve' }],
    ['with none', {}, {}],
    ['in another call', { about: 'another-call' }, letter],
    ['as another tool', { tasks: oneTask('pay', letter) }, letter],
    ['as a task of a plan, which it is not', { about: null }, letter],
    ['where something else was shown', { hash: hashOf(oneTask('send', otherLetter)) }, letter],
  ])('that was agreed to %s', async (_, asked, input) => {
    const session = await beginIn('tools')
    const call = newId()
    await ask(session, { about: call, tasks: oneTask('send', letter), ...asked })
    expect(await carriedOut(session, { call, name: 'send', input })).toEqual(REFUSED)
  })

  test.each<[string, { name: string; input: unknown; task?: number }]>([
    ['with other arguments', { name: 'pay', input: otherLetter, task: 2 }],
    ['at another place', { name: 'pay', input: letter, task: 1 }],
    ['that is not in it', { name: 'pay', input: letter, task: 3 }],
    ['but is not called for it', { name: 'pay', input: letter }],
  ])('for a task of a plan that was agreed to %s', async (_, called) => {
    const session = await beginIn('plan')
    await ask(session, { about: null, tasks: planned })
    expect(await carriedOut(session, called)).toEqual(REFUSED)
  })

  test('that was agreed to in another run of the session', async () => {
    const session = await beginIn('plan')
    await ask(session, { about: null, tasks: planned })
    const usage = { input_tokens: 1, output_tokens: 1 }
    await session.say('run.completed', { run: session.run, status: 'done', usage, steps: 1, duration_ms: 1 })
    const run = newId()
    await session.say('run.started', { run, kind: 'agent', agent: 'demo', input: newId(), confirmation: MODES.plan })
    expect(await carriedOut(session, { run, name: 'pay', input: letter, task: 2 })).toEqual(REFUSED)
  })
})

describe.concurrent('a worker does', () => {
  test.each([
    ['that always asks', 'never', 'send'],
    ['that asks in this agent', 'tools', 'pay'],
  ] as const)('what was agreed to: a tool %s', async (_, mode, name) => {
    const session = await beginIn(mode)
    const call = newId()
    await ask(session, { about: call, tasks: oneTask(name, letter) })
    // The same arguments, in whatever order their fields come.
    const input = { lines: letter.lines, to: letter.to }
    expect(await carriedOut(session, { call, name, input })).toEqual(done(input))
  })

  test('what a person wrote instead', async () => {
    const session = await beginIn('tools')
    const call = newId()
    const answer = { action: 'modify' as const, input_before: letter, input_after: otherLetter }
    await ask(session, { about: call, tasks: oneTask('pay', letter), answer })
    expect(await carriedOut(session, { call, name: 'pay', input: otherLetter })).toEqual(done(otherLetter))
  })

  test('the tasks of a plan that was agreed to, also with a tool that always asks', async () => {
    const session = await beginIn('plan')
    await ask(session, { about: null, tasks: planned })
    expect(await carriedOut(session, { name: 'send', input: letter, task: 1 })).toEqual(done(letter))
    expect(await carriedOut(session, { name: 'pay', input: letter, task: 2 })).toEqual(done(letter))
  })

  test('what asks nobody, without asking', async () => {
    expect(await carriedOut(await beginIn('tools'), { name: 'look', input: letter })).toEqual(done(letter))
  })
})
