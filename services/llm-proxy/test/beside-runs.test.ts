import { type EventFields, type Purpose, isOpenMessage, messageOf, newId } from '@spool/events'
import { type StoredEvent, publishJob } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../src/providers/demo/demo-script.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'
import { faults, fieldsOf, shownText } from './support/verdict.ts'

let system: System
beforeAll(async () => {
  system = await System.start()
  await system.proxy()
})
afterAll(() => system?.stop())

const usage = { input_tokens: 1, output_tokens: 1, cached_tokens: 0, reasoning_tokens: 0 }

/** A run with an answer that is over, and whatever of its memory is to come. */
async function remembering(): Promise<Conversation> {
  const conversation = new Conversation(system.log)
  const { run, message } = conversation
  const input = newId()
  await conversation.say('run.started', { run, kind: 'agent', agent: 'demo', model: 'demo', input, memory: 'on' })
  await conversation.say('message.added', {
    run,
    message: input,
    role: 'user',
    parts: [{ type: 'text', text: 'I live in Nara.' }],
  })
  await conversation.say('message.requested', { run, message, purpose: 'answer', model: 'demo' })
  await conversation.begun('demo', ['Good.'])
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop', usage })
  await conversation.say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })
  return conversation
}

/** Asks for another message of the run, and for the job. */
async function request(
  conversation: Conversation,
  purpose: Purpose,
  model: string,
  more: Partial<EventFields<'message.requested'>> = {},
): Promise<string> {
  const { log, ref, run } = conversation
  const message = newId()
  await conversation.say('message.requested', { run, message, purpose, model, ...more })
  await publishJob(log, ref, { kind: 'llm', key: message })
  return message
}

async function closed(conversation: Conversation, id: string) {
  await until(
    'the end of the message',
    async () => {
      const message = messageOf(await conversation.refresh(), id)
      return message !== undefined && !isOpenMessage(message)
    },
    10_000,
    10,
  )
  return messageOf(await conversation.refresh(), id)!
}

const ofMessage = (events: readonly StoredEvent[], id: string) =>
  events.filter((stored) => (stored.event() as { message?: string } | null)?.message === id)

test('what a model says of an ended run comes in one piece, while the next answer streams beside it', async () => {
  const conversation = await remembering()
  const model = 'demo/steady?tokens=150&tps=300&seed=1'
  const memory = await request(conversation, 'memory', model)
  const next = new Conversation(system.log, conversation.ref.session)
  await next.refresh()
  await next.ask('demo/steady?tokens=1200&tps=300&seed=2')
  const answer = await next.closed()
  const events = await next.events()
  expect(faults(events)).toEqual([])
  expect(answer.text).toBe(demoScript('demo/steady?tokens=1200&seed=2').join(''))
  const own = ofMessage(events, memory)
  expect(own.map(({ type }) => type)).toEqual([
    'message.requested',
    'message.started',
    'generation.started',
    'text.delta',
    'message.completed',
  ])
  expect(shownText(own)).toBe(demoScript(model).join(''))
  // Both streamed at the same time: the answer had begun before the memory was there, and went on after it.
  const deltas = ofMessage(events, next.message).filter(({ type }) => type === 'text.delta')
  const [remembered] = fieldsSeqs(own, 'text.delta')
  expect(deltas.filter(({ seq }) => seq < remembered!).length).toBeGreaterThan(10)
  expect(deltas.filter(({ seq }) => seq > remembered!).length).toBeGreaterThan(10)
  const subject = system.log.subjects.work(conversation.ref, 'memory', conversation.run)
  await until('the job that takes it up', async () => {
    const { state } = await system.bus.jsm.streams.info('WORK', { subjects_filter: 'work.memory.>' })
    return Object.keys(state.subjects ?? {}).includes(subject)
  })
})

const fieldsSeqs = (events: readonly StoredEvent[], type: string) =>
  events.filter((event) => event.type === type).map(({ seq }) => seq)

test('a cancel and the end of its run do not matter to a title', async () => {
  const conversation = new Conversation(system.log)
  await conversation.request('demo')
  const model = 'demo/steady?tokens=40&tps=100'
  const title = await request(conversation, 'title', model)
  await until('its beginning', async () => messageOf(await conversation.refresh(), title)!.attempt > 0)
  const { run, message } = conversation
  await conversation.say('run.cancel_requested', { run, by: 'user', reason: 'user' })
  await conversation.say('message.completed', { run, message, status: 'partial', reason: 'cancelled' })
  await conversation.say('run.cancelled', { run, by: 'user', reason: 'user' })
  expect(await closed(conversation, title)).toMatchObject({ status: 'complete', text: demoScript(model).join('') })
  expect(faults(await conversation.events())).toEqual([])
})

test.each(['demo/hang', 'demo/steady?tokens=30&tps=60'])(
  'once a memory is settled, the call of %s for it is given up and its message closed',
  async (model) => {
    const conversation = await remembering()
    const memory = await request(conversation, 'memory', model)
    await until('its beginning', async () => messageOf(await conversation.refresh(), memory)!.attempt > 0)
    const error = { code: 'memory_timed_out', message: 'It took too long.' }
    await conversation.say('memory.failed', { run: conversation.run, error })
    expect(await closed(conversation, memory)).toMatchObject({ status: 'partial', reason: 'cancelled', text: '' })
    expect(faults(await conversation.events())).toEqual([])
  },
)

test('a memory that nobody wants any more is closed without a call', async () => {
  const conversation = await remembering()
  const { run, ref, log } = conversation
  const memory = newId()
  await conversation.say('message.requested', { run, message: memory, purpose: 'memory', model: 'demo/hang' })
  await conversation.say('memory.failed', { run, error: { code: 'memory_timed_out', message: 'It took too long.' } })
  await publishJob(log, ref, { kind: 'llm', key: memory })
  expect(await closed(conversation, memory)).toMatchObject({ status: 'partial', reason: 'cancelled', attempt: 0 })
})

test('a worker that died over it leaves nothing that is kept, whatever was in the log', async () => {
  const conversation = await remembering()
  const { run, ref, log } = conversation
  const model = 'demo/steady?tokens=20&seed=4'
  const message = newId()
  const about = { run, message, provider: 'demo', model }
  await conversation.say('message.requested', { run, message, purpose: 'memory', model })
  await conversation.say('message.started', { ...about, role: 'assistant', purpose: 'memory' })
  await conversation.say('generation.started', { ...about, attempt: 1, worker: 'dead', reason: 'first', kept: 0 })
  await conversation.say('text.delta', { run, message, sequence: 1, text: demoScript(model).join('') })
  await publishJob(log, ref, { kind: 'llm', key: message })
  expect(await closed(conversation, message)).toMatchObject({ status: 'complete', text: demoScript(model).join('') })
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(fieldsOf(ofMessage(events, message), 'generation.started', 'reason', 'kept')).toEqual([
    ['first', 0],
    ['takeover', 0],
  ])
})

test('a text that no event takes comes in several', async () => {
  const conversation = await remembering()
  const summary = await request(conversation, 'memory', 'demo/emoji?count=40000')
  const { text } = await closed(conversation, summary)
  expect(text).toBe(demoScript('demo/emoji?count=40000').join(''))
  const events = ofMessage(await conversation.events(), summary)
  const deltas = events.filter(({ type }) => type === 'text.delta')
  expect(deltas.length).toBeGreaterThan(1)
  expect(deltas.length).toBeLessThan(10)
})
