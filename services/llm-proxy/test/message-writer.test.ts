import { type SpoolEvent, draft } from '@spool/events'
import { announce, announceDone } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageWriter } from '../src/generating/message-writer.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { faults, typesOf } from './support/verdict.ts'

let system: System
beforeAll(async () => {
  system = await System.start()
})
afterAll(() => system?.stop())

const model = 'demo'

/** A writer in the middle of its answer. */
async function writing(): Promise<{ conversation: Conversation; writer: MessageWriter }> {
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  await conversation.begun(model, ['Once '])
  return { conversation, writer: writerOf(conversation, await conversation.refresh()) }
}

const writerOf = ({ ref, message, log }: Conversation, state: ConstructorParameters<typeof MessageWriter>[2]) =>
  new MessageWriter(log, ref, state, message)

test('a regular end that comes behind a cancel is not stored; a partial one is', async () => {
  const { conversation, writer } = await writing()
  const { run, message } = conversation
  await conversation.requestCancel()
  const regular = draft('message.completed', { run, message, status: 'complete', reason: 'stop' })
  expect(await writer.append(regular)).toBe(false)
  expect([writer.standing, writer.signal.aborted]).toEqual(['cancelled', true])
  expect(await writer.append(draft('text.delta', { run, message, sequence: 2, text: 'upon' }))).toBe(false)
  const partial = draft('message.completed', { run, message, status: 'partial', reason: 'cancelled' })
  expect(await writer.append(partial)).toBe(true)
  writer.close()
  expect(faults(await conversation.events())).toEqual([])
})

test('two that begin the same message begin it once', async () => {
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  const state = await conversation.refresh()
  const writers = [writerOf(conversation, state), writerOf(conversation, state)]
  const { run, message } = conversation
  const about = { run, message, provider: 'demo', model }
  const started = draft('message.started', { ...about, role: 'assistant', purpose: 'answer' })
  const attempt = (worker: string) =>
    draft('generation.started', { ...about, attempt: 1, worker, reason: 'first', kept: 0 })
  for (const event of [started, attempt('a')]) await Promise.all(writers.map((writer) => writer.append(event)))
  expect(writers.map(({ standing }) => standing).toSorted()).toEqual(['lost', 'mine'])
  for (const writer of writers) writer.close()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(typesOf(events).slice(-2)).toEqual(['message.started', 'generation.started'])
})

test('what does not concern the message is stepped over', async () => {
  const { conversation, writer } = await writing()
  const { run, message } = conversation
  await conversation.say('run.queued', {
    run: 'next',
    kind: 'agent',
    agent: 'demo',
    model,
    input: 'next-message',
    message: 'next-message',
    parts: [{ type: 'text', text: 'And then?' }],
  })
  expect(await writer.append(draft('text.delta', { run, message, sequence: 2, text: 'upon' }) as SpoolEvent)).toBe(true)
  expect([writer.standing, writer.message.text]).toEqual(['mine', 'Once upon'])
  writer.close()
  expect(faults(await conversation.events())).toEqual([])
})

test('what runs beside the runs asks others to hold back only where they were faster, and holds back for nobody', async () => {
  const { conversation, writer } = await writing()
  const { run, ref, log } = conversation
  const message = 'title'
  await conversation.say('message.requested', { run, message, purpose: 'title', model })
  const beside = new MessageWriter(log, ref, await conversation.refresh(), message)
  const notices: string[] = []
  const heard = log.bus.nc.subscribe(log.subjects.control(ref), {
    callback: (_, notice) => void notices.push(notice.string()),
  })
  const about = { run, message, provider: 'demo', model }
  announce(log, ref, 'append')
  expect(await beside.append(draft('message.started', { ...about, role: 'assistant', purpose: 'title' }))).toBe(true)
  announceDone(log, ref)
  await log.bus.nc.flush()
  expect(notices.splice(0)).toEqual(['append', 'done'])
  const delta = draft('text.delta', { run, message: conversation.message, sequence: 2, text: 'upon' })
  expect(await writer.append(delta as SpoolEvent)).toBe(true)
  const started = draft('generation.started', { ...about, attempt: 1, worker: 'w', reason: 'first', kept: 0 })
  expect(await beside.append(started)).toBe(true)
  await log.bus.nc.flush()
  expect(notices).toEqual(['append', 'done'])
  heard.unsubscribe()
  for (const one of [writer, beside]) one.close()
  expect(faults(await conversation.events())).toEqual([])
})
