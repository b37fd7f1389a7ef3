import type { Chunk, Provider } from '../src/providers/provider.ts'
import { startTcpProxy, type TcpProxy } from '@spool/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { attempt } from '../src/generating/attempt.ts'
import { MessageWriter } from '../src/generating/message-writer.ts'
import { demoScript } from '../src/providers/demo/demo-script.ts'
import { Conversation } from './support/conversation.ts'
import { routeTo } from './support/route-to.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'
import { faults, fieldsOf, shownText, typesOf } from './support/verdict.ts'

let system: System
let wire: TcpProxy
beforeAll(async () => {
  system = await System.start()
  wire = await startTcpProxy({ port: system.nats.port })
})
afterAll(async () => {
  wire?.stall('both', false)
  await system?.stop()
  await wire?.stop()
})

const throughWire = () => ({ NATS_URL: `nats://127.0.0.1:${wire.port}` })

const piece = (index: number) => `${index}:${'x'.repeat(30_000)} `

test('while the bus stands still the provider is not read on; afterwards nothing is missing', async () => {
  const pieces = 200
  let read = 0
  const provider: Provider = {
    name: 'counting',
    model: 'counting',
    async *generate(): AsyncGenerator<Chunk, void, undefined> {
      for (; read < pieces; read++) yield { type: 'text', text: piece(read) }
      const usage = { input_tokens: 0, output_tokens: 0, cached_tokens: 0, reasoning_tokens: 0 }
      yield { type: 'finish', reason: 'stop', usage, response: {} }
    },
  }
  const conversation = new Conversation(system.log)
  await conversation.request('counting')
  await conversation.say('message.started', {
    run: conversation.run,
    message: conversation.message,
    role: 'assistant',
    purpose: 'answer',
    provider: 'counting',
    model: 'counting',
  })
  const log = await system.otherLog(throughWire().NATS_URL)
  const writer = new MessageWriter(log, conversation.ref, await conversation.refresh(), conversation.message)
  const { run } = conversation
  const options = { run, worker: 'w', reason: 'first', continues: true, onUnforeseen: () => undefined } as const
  const route = routeTo(provider)
  const verdict = route.health.begin()
  const writing = attempt(writer, route, { ...options, verdict, handOver: new AbortController().signal })
  await until('some of it', () => read > 10, 5000, 0)
  wire.stall('both', true)
  let standsSince = performance.now()
  let last = read
  await until('it stands still for a second', () => {
    if (read !== last) standsSince = performance.now()
    last = read
    return performance.now() - standsSince > 1000
  })
  const stored = (await conversation.refresh(), Math.floor(conversation.answer.text.length / piece(0).length))
  expect(last).toBeLessThan(pieces)
  expect(last - stored).toBeLessThan((1024 * 1024) / (2 * piece(0).length) + 2)
  wire.stall('both', false)
  expect(await writing).toMatchObject({ kind: 'completed' })
  writer.close()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(shownText(events) === Array.from({ length: pieces }, (_, index) => piece(index)).join('')).toBe(true)
})

test('a bus that is away in mid-answer and comes back loses nothing, doubles nothing and changes no hands', async () => {
  await system.proxy(throughWire())
  const model = 'demo/steady?tokens=250&tps=50&seed=3'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  await conversation.untilText(100)
  for (const awayMs of [600, 2500]) {
    wire.refuse(true)
    wire.cutAll()
    const goneAt = performance.now()
    await until('the outage is over', () => performance.now() - goneAt > awayMs)
    wire.refuse(false)
    const before = (await conversation.refresh(), conversation.answer.text.length)
    await conversation.untilText(Math.min(before + 30, demoScript(model).join('').length))
  }
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer.text).toBe(demoScript(model).join(''))
  expect(fieldsOf(events, 'generation.started', 'attempt')).toEqual([[1]])
  // What came meanwhile was merged.
  expect(typesOf(events).filter((type) => type === 'text.delta').length).toBeLessThan(250)
})
