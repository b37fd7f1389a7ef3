import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LLMock } from '@copilotkit/aimock'
import { isOpenMessage, messageOf, newId } from '@spool/events'
import { publishJob } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'

// Strict: it refuses the result of a tool without the signed thoughts before the call, as Anthropic does.
const mock = new LLMock({ port: 0, host: '127.0.0.1', strict: true, logLevel: 'silent' })
const tools = [{ name: 'weather', input_schema: { type: 'object' } }]
let system: System
let folder: string

beforeAll(async () => {
  const toolCalls = [{ name: 'weather', arguments: '{"city":"Oslo"}', id: 'toolu_1' }]
  mock.on({ userMessage: 'Oslo', hasToolResult: false }, { toolCalls, reasoning: 'I must look.' })
  mock.on({ userMessage: 'Oslo', hasToolResult: true }, { content: 'Four degrees.' })
  await mock.start()
  folder = await mkdtemp(join(tmpdir(), 'spool-replaying-'))
  system = await System.start()
  const route = { provider: 'anthropic', model: 'claude-sonnet-4-5', base_url: mock.url, reasoning: 'low' }
  const file = join(folder, 'spool.config.yaml')
  await writeFile(file, JSON.stringify({ models: { default: [route] } }))
  await system.proxy({ SPOOL_CONFIG: file, ANTHROPIC_API_KEY: 'sk-ant-test' })
})
afterAll(async () => {
  await system.stop()
  await mock.stop()
  await rm(folder, { recursive: true })
})

test('with the result of a tool, a provider gets back what it wants to see of its own answer', async () => {
  const conversation = new Conversation(system.log)
  const { run } = conversation
  await conversation.request('default', 'How is it in Oslo?', { tools })
  await conversation.publish()
  const asking = await conversation.closed()
  const { call, name, input } = asking.toolCalls[0]!
  expect(call).not.toBe('toolu_1')
  expect(asking.replay).toMatchObject([
    { type: 'reasoning', text: 'I must look.', data: { anthropic: { signature: expect.any(String) } } },
    { type: 'tool_call', call },
  ])

  await conversation.say('tool.called', { run, call, name, input, repeatable: true })
  await conversation.say('tool.started', { run, call, attempt: 1, worker: 'w' })
  await conversation.say('tool.completed', { run, call, output: { degrees: 4 }, duration_ms: 1 })
  const message = newId()
  const request = { run, message, purpose: 'answer', model: 'default', tools } as const
  await conversation.say('message.requested', request)
  await publishJob(system.log, conversation.ref, { kind: 'llm', key: message })
  await until('the second answer', async () => !isOpenMessage(messageOf(await conversation.refresh(), message)!))
  expect(messageOf(await conversation.refresh(), message)).toMatchObject({ text: 'Four degrees.', failures: [] })
})
