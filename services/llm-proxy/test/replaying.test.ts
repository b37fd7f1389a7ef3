import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOpenMessage, messageOf, newId } from '@spool/events'
import { publishJob } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { begin, end, text, thinking, toolUse } from './providers/anthropic-frames.ts'
import { startUpstream, stream, type Upstream } from './providers/upstream.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'

const tools = [{ name: 'weather', input_schema: { type: 'object' } }]
let upstream: Upstream
let system: System
let folder: string

beforeAll(async () => {
  upstream = await startUpstream()
  system = await System.start()
  folder = await mkdtemp(join(tmpdir(), 'spool-replaying-'))
  const file = join(folder, 'spool.config.yaml')
  const route = { provider: 'anthropic', model: 'claude-sonnet-4-5', base_url: upstream.url, reasoning: 'low' }
  await writeFile(file, JSON.stringify({ models: { default: [route] } }))
  await system.proxy({ SPOOL_CONFIG: file, ANTHROPIC_API_KEY: 'sk-ant-test' })
})
afterAll(async () => {
  await system.stop()
  await upstream.close()
  await rm(folder, { recursive: true })
})

test('with the result of a tool, a provider gets its signed thoughts back, and its call by our own id', async () => {
  const conversation = new Conversation(system.log)
  const { run } = conversation
  const asks = [thinking(0, 'I must look.', 'sig-1'), toolUse(1, 'toolu_1', 'weather', '{"city":"Oslo"}')]
  upstream.answerWith((response) => stream(response, begin(), ...asks, end('tool_use')).end())
  await conversation.request('default', 'How is it in Oslo?', { tools })
  await conversation.publish()
  const { call, name, input } = (await conversation.closed()).toolCalls[0]!

  await conversation.say('tool.called', { run, call, name, input, repeatable: true })
  await conversation.say('tool.started', { run, call, attempt: 1, worker: 'w' })
  await conversation.say('tool.completed', { run, call, output: { degrees: 4 }, duration_ms: 1 })
  upstream.answerWith((response) => stream(response, begin(), text(0, 'Four degrees.'), end()).end())
  const message = newId()
  await conversation.say('message.requested', { run, message, purpose: 'answer', model: 'default', tools })
  await publishJob(system.log, conversation.ref, { kind: 'llm', key: message })
  await until('the second answer', async () => !isOpenMessage(messageOf(await conversation.refresh(), message)!))

  expect(messageOf(await conversation.refresh(), message)).toMatchObject({ text: 'Four degrees.', failures: [] })
  expect(call).not.toBe('toolu_1')
  expect(upstream.requests[1]?.body).toMatchObject({
    thinking: { type: 'enabled' },
    messages: [
      { role: 'user' },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'I must look.', signature: 'sig-1' },
          { type: 'tool_use', id: call, input: { city: 'Oslo' } },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call, content: '{"degrees":4}' }] },
    ],
  })
})
