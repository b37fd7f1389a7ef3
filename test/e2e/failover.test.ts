import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PromptMessage } from '@spool/events'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Gate, hangUp, refuses, says, tells } from '../../services/llm-proxy/test/support/fault-server-acts.ts'
import { type Act, FaultServer } from '../../services/llm-proxy/test/support/fault-server.ts'
import { type Frame, chainProblems, textOf } from './support/follower.ts'
import { followRun, get, start, stream, until } from './support/system.ts'

const story = Array.from({ length: 200 }, (_, index) => `word${index}`).join(' ')
const beginning = story.slice(0, 300)
/** More than a request can say itself: it lies in a blob. */
const instructions = `Be kind. ${'Very kind. '.repeat(7000)}`
const keys = { FIRST_KEY: 'first-key-of-no-known-form', SECOND_KEY: 'second-key-of-no-known-form' }

const folder = mkdtempSync(join(tmpdir(), 'spool-failover-'))
const [first, second] = [new FaultServer(), new FaultServer()]
let spool: SpoolUnderTest

beforeAll(async () => {
  await Promise.all([first.listen(), second.listen()])
  const file = join(folder, 'spool.config.yaml')
  writeFileSync(file, configFile(first.url, second.url))
  spool = await startSpool({ copies: { 'llm-proxy': 2 }, env: { SPOOL_CONFIG: file, ...keys } })
})
afterEach(() => first.resets(false))
afterAll(async () => {
  await spool?.stop()
  await Promise.all([first.close(), second.close()])
  rmSync(folder, { recursive: true })
})

/** Two providers with two wire formats; each alias has ways of its own, so that no test is left out for another's sake. */
function configFile(firstUrl: string, secondUrl: string): string {
  const ways = (alias: string) => `
  ${alias}:
    - provider: openai-compatible
      model: first-model
      base_url: ${firstUrl}
      key_env: FIRST_KEY
    - provider: anthropic
      model: second-model
      base_url: ${secondUrl}
      key_env: SECOND_KEY`
  const wordy = `{ model: wordy, system: '${instructions}', tools: [calculator], temperature: 0.3, max_tokens: 500 }`
  return `models:\n  default: [{ provider: demo, model: demo }]${['dying', 'killed', 'down', 'wordy'].map(ways).join('')}
agents:\n  plain: { model: default }\n  wordy: ${wordy}\n`
}

const startsOf = (frames: readonly Frame[]) =>
  frames.filter(({ event }) => event === 'generation.started').map(({ data }) => data)

test("when a provider dies in mid-answer another one's model goes on in mid-sentence, in front of the same client", async () => {
  const died = new Gate()
  first.answers(says(beginning, died.passed))
  second.answers(tells(story))
  const seen: Frame[][] = Array.from({ length: 20 }, () => [])
  const streams = seen.map((frames, index) =>
    stream(
      spool,
      `dying-${index}`,
      { message: 'Tell me.', model: 'dying' },
      { onFrame: (one) => void frames.push(one) },
    ),
  )
  await until('all have begun', () => seen.every((frames) => textOf(frames) === beginning))
  first.resets(true)
  died.open()
  for (const { frames } of await Promise.all(streams)) {
    expect(chainProblems(frames)).toEqual([])
    expect(textOf(frames)).toBe(story)
    expect(frames.at(-1)!.event).toBe('run.completed')
    const starts = startsOf(frames)
    expect(starts[0]).toMatchObject({ reason: 'first', kept: 0, provider: 'openai-compatible' })
    expect(starts.at(-1)).toMatchObject({ reason: 'failover', kept: beginning.length, provider: 'anthropic' })
  }
  const { messages } = await get<{ messages: { text: string }[] }>(spool, '/v1/sessions/dying-7/messages')
  expect(messages[1]!.text).toBe(story)
})

test('a proxy that is killed after a failover is taken over on the route that it had come to', async () => {
  const halfway = new Gate()
  first.answers(refuses(401))
  second.answers(says(beginning, halfway.passed), tells(story))
  const { run } = await start(spool, 'killed', { message: 'Tell me.', model: 'killed' })
  const seen: Frame[] = []
  const watching = followRun(spool, 'killed', run, { onFrame: (one) => void seen.push(one) })
  await until('it has begun', () => textOf(seen) === beginning)
  const worker = String(startsOf(seen).at(-1)!['worker'])
  spool.kill('llm-proxy', Number(/^llm-proxy-(\d+)-/.exec(worker)![1]))
  const frames = await watching
  halfway.open()
  expect(textOf(frames, run)).toBe(story)
  expect(startsOf(frames).map(({ reason, model }) => [reason, model])).toEqual([
    ['first', 'first-model'],
    ['failover', 'second-model'],
    ['takeover', 'second-model'],
  ])
})

interface Raw {
  request: {
    model: string
    provider: string
    parameters: object
    messages: PromptMessage[]
    tools: { name: string; input_schema: object }[]
    lost: string | null
  }
  response: { content: string; finish_reason: string; data: object | null; tool_calls: object[] }
  attempts: { provider: string; reason: string; continues: string | null; error: { code: string } | null }[]
}

/** A prompt as a chat of the first provider's format. */
const asChat = (messages: readonly PromptMessage[]): object[] =>
  messages.flatMap((message): object[] => {
    switch (message.role) {
      case 'system':
        return [message]
      case 'user':
        return [{ role: 'user', content: textIn(message) }]
      case 'assistant': {
        const calls = message.content.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
        const toolCalls = calls.map(({ toolCallId: id, toolName: name, input }) => ({
          id,
          type: 'function',
          function: { name, arguments: JSON.stringify(input) },
        }))
        return [{ role: 'assistant', content: textIn(message), ...(calls.length > 0 && { tool_calls: toolCalls }) }]
      }
      case 'tool':
        return message.content.map(({ toolCallId, output }) => ({
          role: 'tool',
          tool_call_id: toolCallId,
          content: output.type === 'json' ? JSON.stringify(output.value) : output.value,
        }))
    }
  })

const textIn = ({ content }: Exclude<PromptMessage, { role: 'system' }>) =>
  content.map((part) => (part.type === 'text' ? part.text : '')).join('')

const calculates: Act = async (call) => {
  await call.begin()
  await call.say('Let me see.')
  await call.callTool(0, 'calculator', '{"expression":"6*7"}')
  await call.finish({ input: 5, output: 4 })
}

test('afterwards it can be looked up what each attempt was sent, exactly as the providers got it', async () => {
  const [firstBefore, secondBefore] = [first.calls.length, second.calls.length]
  first.answers(calculates, says(beginning, hangUp), refuses(401))
  second.answers(tells(story))
  const { frames } = await stream(spool, 'looked-up', { message: 'Tell me.', agent: 'wordy' })
  expect(frames.at(-1)!.event).toBe('run.completed')
  const calls = [...first.calls.slice(firstBefore), ...second.calls.slice(secondBefore)].map(({ body }) => body)
  const ids = frames.filter(({ event }) => event === 'message.requested').map(({ data }) => String(data['message']))
  const [calling, telling] = await Promise.all(
    ids.slice(0, 2).map((id) => get<Raw>(spool, `/v1/sessions/looked-up/messages/${id}/raw`)),
  )
  const parameters = { temperature: 0.3, max_tokens: 500 }
  for (const { request } of [calling!, telling!]) {
    expect(request).toMatchObject({ ...parameters, parameters, stream: true, instructions, lost: null })
  }
  expect(calls[0]).toMatchObject(parameters)
  expect(calls[0]!['messages']).toEqual(asChat(calling!.request.messages))
  expect(calls[0]!['tools']).toEqual(
    calling!.request.tools.map(({ input_schema: schema, ...about }) => ({
      type: 'function',
      function: { ...about, parameters: schema },
    })),
  )
  expect(calling).toMatchObject({
    request: { provider: 'openai-compatible', model: 'first-model' },
    response: {
      content: 'Let me see.',
      finish_reason: 'tool_calls',
      tool_calls: [{ name: 'calculator', input: { expression: '6*7' } }],
      data: { id: 'chatcmpl-1', finish_reason: 'stop', usage: { prompt_tokens: 5, completion_tokens: 4 } },
    },
    attempts: [{ reason: 'first', error: null }],
  })
  expect(telling).toMatchObject({
    request: { provider: 'anthropic', model: 'second-model' },
    response: { content: story, finish_reason: 'stop', data: { id: 'msg_1', finish_reason: 'end_turn' } },
    attempts: [
      { reason: 'first', kept: 0, continues: null, error: { code: 'provider_broken' } },
      { reason: 'retry', kept: 300, continues: beginning, error: { code: 'provider_refused' } },
      { reason: 'failover', kept: 300, continues: beginning, error: null },
    ],
  })
  const told = asChat(telling!.request.messages)
  expect(JSON.stringify(told)).toContain('42')
  expect(calls[1]!['messages']).toEqual(told)
  expect(calls[2]!['messages']).toEqual([...told, { role: 'assistant', content: beginning }])
  // In the other one's format: the system apart, calls and results as blocks.
  const [system, user] = told as { content: string }[]
  expect(calls[3]).toMatchObject({ ...parameters, system: [{ text: system!.content }] })
  const messages = calls[3]!['messages'] as { role: string; content: { type: string; text?: string }[] }[]
  expect(messages.map(({ role, content }) => [role, ...content.map((part) => part.text ?? part.type)])).toEqual([
    ['user', user!.content],
    ['assistant', 'Let me see.', 'tool_use'],
    ['user', 'tool_result'],
    ['assistant', beginning],
  ])
  const answers = JSON.stringify([calling, telling])
  for (const key of Object.values(keys)) expect(answers).not.toContain(key)
  const { messages: shown } = await get<{ messages: { id: string }[] }>(spool, '/v1/sessions/looked-up/messages')
  const usersOwn = get(spool, `/v1/sessions/looked-up/messages/${shown[0]!.id}/raw`)
  await expect(usersOwn).rejects.toThrow('not_requested')
})

test('when no provider can answer the run says so, lists what was tried, and no key is to be read anywhere', async () => {
  first.answers(refuses(503, { message: keys.FIRST_KEY }))
  second.answers(refuses(403, { message: keys.SECOND_KEY }))
  const { frames } = await stream(spool, 'down', { message: 'Hello', model: 'down' })
  expect(chainProblems(frames)).toEqual([])
  const { event, data } = frames.at(-1)!
  expect(event).toBe('run.failed')
  expect(data['error']).toMatchObject({ code: 'provider_refused', retryable: true })
  expect(
    (data['attempts'] as { model: string; error: { code: string } }[]).map((one) => [one.model, one.error.code]),
  ).toEqual([
    ['first-model', 'provider_unavailable'],
    ['first-model', 'provider_unavailable'],
    ['first-model', 'provider_unavailable'],
    ['second-model', 'provider_refused'],
  ])
  const waited = await start(spool, 'down', { message: 'Hello', model: 'down' }, { prefer: 'wait=20' })
  expect(waited).toMatchObject({ status: 200, body: { status: 'failed', error: { message: expect.any(String) } } })
  expect(spool.logs()).toContain('A call failed')
  for (const readable of [JSON.stringify(frames), JSON.stringify(await get(spool, '/v1/status')), spool.logs()]) {
    for (const key of Object.values(keys)) expect(readable).not.toContain(key)
  }
})
