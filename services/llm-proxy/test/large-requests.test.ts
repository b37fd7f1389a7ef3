import type { Beside } from '@spool/events'
import { Blobs, BusUnavailable } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadBeside } from '../src/generating/load-beside.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { faults, fieldsOf } from './support/verdict.ts'

let system: System
beforeAll(async () => {
  system = await System.start()
  await system.proxy()
})
afterAll(() => system?.stop())

const model = 'demo/agent?tps=0'
const instructions = `Be kind. ${'Very kind. '.repeat(10_000)}`
const clock = { name: 'clock', input_schema: { type: 'object' } }

/** Asks for an answer whose instructions, tools and memories lie in a blob. */
async function askWith(beside: Beside | string): Promise<Conversation> {
  const conversation = new Conversation(system.log)
  const bytes = Buffer.from(typeof beside === 'string' ? beside : JSON.stringify(beside))
  const blob = await new Blobs(system.bus).put(conversation.ref, bytes, 'application/json')
  await conversation.ask(model, 'Hello', { blob })
  return conversation
}

test('what lies in a blob is sent like what stands in the request', async () => {
  const memories = [{ id: 'k1', text: 'The user lives in Nara.' }]
  const { text } = await (await askWith({ instructions, memories })).closed()
  expect(text).toContain('The user lives in Nara.')
  const calling = await (await askWith({ instructions, tools: [clock] })).closed()
  expect(calling).toMatchObject({ reason: 'tool_calls', text: '', toolCalls: [{ name: 'clock', input: {} }] })
  // Of what is sent, all counts.
  expect(calling.usage.input_tokens).toBeGreaterThan(instructions.length / 5)
})

test.each([
  ['is gone', undefined],
  ['is no request', '{"tools": 1}'],
  ['is no JSON', '{'],
])('an answer whose blob %s fails with words about it, and nobody is asked', async (_what, content) => {
  const conversation = content === undefined ? new Conversation(system.log) : await askWith(content)
  if (content === undefined) await conversation.ask(model, 'Hello', { blob: '01JD00000000000000000000ZZ' })
  const answer = await conversation.closed()
  expect(answer).toMatchObject({
    status: 'partial',
    reason: 'provider_failed',
    provider: 'none',
    failures: [{ error: { code: 'request_lost', message: expect.stringContaining('send the message again') } }],
  })
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(fieldsOf(events, 'generation.started', 'attempt')).toEqual([[1]])
})

test('while the store cannot be read nothing is decided', async () => {
  const away = { get: () => Promise.reject(new BusUnavailable()) }
  const request = { blob: 'b', upTo: null, parameters: null, promptTokens: null }
  await expect(loadBeside(away, { tenant: 't', session: 's' }, { request })).rejects.toBeInstanceOf(BusUnavailable)
})
