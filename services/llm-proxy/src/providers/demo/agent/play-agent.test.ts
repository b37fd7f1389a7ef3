import type { PromptMessage } from '@spool/events'
import { describe, expect, test } from 'vitest'
import type { Chunk, GenerateRequest, ToolDescription } from '../../provider.ts'
import { parseDemoModel } from '../demo-model.ts'
import { DemoProvider } from '../demo-provider.ts'
import { playAgent } from './play-agent.ts'

const user = (text: string): PromptMessage => ({ role: 'user', content: [{ type: 'text', text }] })
const system = (content: string): PromptMessage => ({ role: 'system', content })
const assistant = (text: string): PromptMessage => ({ role: 'assistant', content: [{ type: 'text', text }] })

const tools = (...names: string[]): ToolDescription[] =>
  names.map((name) => ({ name, description: name, input_schema: { type: 'object' } }))
const offered = tools('clock', 'calculator', 'demo_wait', 'demo_postcard', 'design_document')
const planner = tools('propose_plan')
const instructions = (...names: string[]) =>
  system(`Be kind.\n\nTools for the tasks:\n${JSON.stringify(tools(...names))}`)

/** A round of calls of this run, with what came of them. */
function round(...calls: [name: string, output: unknown][]): PromptMessage[] {
  return [
    {
      role: 'assistant',
      content: calls.map(([toolName], index) => ({ type: 'tool-call', toolCallId: `c${index}`, toolName, input: {} })),
      replay: { provider: 'demo', model: 'demo/agent', parts: [] },
    },
    {
      role: 'tool',
      content: calls.map(([toolName, value], index) => ({
        type: 'tool-result',
        toolCallId: `c${index}`,
        toolName,
        output: typeof value === 'string' ? { type: 'error-text', value } : { type: 'json', value },
      })),
    },
  ]
}

/** As the same is sent in a later run, and what no model has asked for: without the model's own pieces. */
const bare = (messages: readonly PromptMessage[]): PromptMessage[] =>
  messages.map((message) => (message.role === 'assistant' ? { role: message.role, content: message.content } : message))

const proposed = round(['propose_plan', 'This call was not carried out.'])

const callsOf = (prompt: PromptMessage[], given = offered) => playAgent(prompt, given).calls
const namesOf = (said: string, given = offered) => callsOf([user(said)], given).map(({ name }) => name)

interface Tasks {
  tasks: { description: string; tool?: string; input?: unknown }[]
}

function planOf(prompt: PromptMessage[]): Tasks['tasks'] {
  const [call, ...others] = callsOf(prompt, planner)
  expect([call?.name, others]).toEqual(['propose_plan', []])
  return (call!.input as Tasks).tasks
}

describe('offered tools', () => {
  test.each([
    ['What time is it?', ['clock']],
    ['What is (2 + 3) * 4?', ['calculator']],
    ['Please wait 2 seconds.', ['demo_wait']],
    ['Send a postcard to Ada saying "Hi there".', ['demo_postcard']],
    ['Write a design document about a tea shop.', ['design_document']],
    ['Tell me the time, wait a bit and send a postcard', ['clock', 'demo_wait', 'demo_postcard']],
    ['几点了？等 2 秒', ['clock', 'demo_wait']],
    ['葉書を送って', ['demo_postcard']],
    ['¿Qué hora es?', ['clock']],
    ['Hello', ['clock', 'demo_wait']],
    ['On 2026-11-20 we met.', ['clock', 'demo_wait']],
  ])('%j calls %j, all at once', (said, names) => expect(namesOf(said)).toEqual(names))

  test('gets arguments from the words', () => {
    expect(
      callsOf([user('What is (2 + 3) * 4? Wait 0.5 seconds, and send a postcard to Ada saying "Hi there".')]),
    ).toEqual([
      { name: 'calculator', input: { expression: '(2 + 3) * 4' } },
      { name: 'demo_wait', input: { seconds: 0.5 } },
      { name: 'demo_postcard', input: { to: 'Ada', text: 'Hi there' } },
    ])
    const [document] = callsOf([user('A design document about a tea shop.')])
    expect(document).toMatchObject({
      name: 'design_document',
      input: { title: 'a tea shop', markdown: expect.stringMatching(/^# a tea shop\n\n## Goal\n\nA design document/) },
    })
  })

  test('calls any tool by its name, with the arguments that stand behind it or with what its schema asks for', () => {
    const input_schema = {
      type: 'object',
      properties: { message: { type: 'string' }, times: { type: 'integer', minimum: 2, maximum: 5 }, tag: {} },
      required: ['message', 'times'],
    }
    const echo = [{ name: 'everything__echo', input_schema }, ...tools('fetch')]
    expect(callsOf([user('Use everything__echo and fetch {"url": "http://a/{x}"}')], echo)).toEqual([
      { name: 'everything__echo', input: { message: expect.stringContaining('everything__echo'), times: 2 } },
      { name: 'fetch', input: { url: 'http://a/{x}' } },
    ])
    expect(namesOf('demo_postcard {"to":"A","text":"1"} demo_postcard {"to":"B","text":"2"}')).toEqual([
      'demo_postcard',
      'demo_postcard',
    ])
  })

  test('then it tells what came of them, and plainly where nothing did', () => {
    const { text, calls } = playAgent(
      [
        user('Go'),
        ...round(
          ['clock', { iso: '…', text: 'Friday, noon' }],
          ['calculator', { result: '20' }],
          ['demo_wait', 'Timed out: 10 s'],
          ['demo_postcard', 'Denied: Not today'],
          ['shell', 'Outcome unknown, it may have taken effect: the program died'],
          ['fly', 'There is no tool fly.'],
        ),
      ],
      offered,
    )
    expect(calls).toEqual([])
    expect(text.split('\n')).toEqual([
      'Not everything was done. This is what came of it:',
      '',
      '- clock: Friday, noon',
      '- calculator: {"result":"20"}',
      '- demo_wait took too long: 10 s',
      '- demo_postcard was not done, because it was refused: Not today',
      '- Whether shell took effect is not known: the program died',
      '- fly failed: There is no tool fly.',
    ])
  })

  test('words about a call are no new request, but what a later run says is one', () => {
    const before = [user('Send a postcard'), ...round(['demo_postcard', 'Denied: Wait, not now'])]
    expect(playAgent([...before, user('Wait, not now')], offered)).toMatchObject({
      calls: [],
      text: expect.stringContaining('“Wait, not now”'),
    })
    expect(callsOf([...bare(before), user('Wait')]).map(({ name }) => name)).toEqual(['demo_wait'])
  })
})

describe('offered to plan', () => {
  const all = instructions('clock', 'demo_wait', 'demo_postcard', 'design_document')

  test('it proposes two or three tasks with the tools that its instructions describe', () => {
    expect(planOf([all, user('Plan my day')])).toMatchObject([
      { description: 'Look at the clock', tool: 'clock', input: {} },
      { description: 'Wait for 3 seconds', tool: 'demo_wait', input: { seconds: 3 } },
      { description: 'Write the document “Plan my day”', tool: 'design_document' },
    ])
    expect(planOf([all, user('Send a postcard to Ada')]).map(({ tool }) => tool)).toEqual(['clock', 'demo_postcard'])
    expect(planOf([system('You may use demo_wait.'), user('Go')]).map(({ tool }) => tool)).toEqual(['demo_wait'])
    expect(planOf([user('Go')])).toEqual([{ description: 'Think about it' }])
  })

  test('every change is taken up, one after the other', () => {
    const first = [all, user('Send a postcard to Ada'), ...proposed, user('Add a document about tea')]
    expect(planOf(first).map(({ tool }) => tool)).toEqual(['demo_postcard', 'design_document'])
    expect(planOf(first).at(-1)?.description).toContain('“Add a document about tea”')
    const second = [...first, ...proposed, user('shorter please')]
    expect(planOf(second).map(({ tool }) => tool)).toEqual(['design_document'])
    const without = [...first, ...proposed, user('Without the postcard')]
    expect(planOf(without).map(({ tool }) => tool)).toEqual(['clock', 'design_document'])
    expect(planOf([...first, ...proposed, user('wait 9 s')]).find(({ tool }) => tool === 'demo_wait')).toMatchObject({
      input: { seconds: 9 },
    })
  })

  test('once its tasks are done it tells what came of them; a plan that was refused as wrong is not proposed for ever', () => {
    const confirmed = [all, user('Go'), ...proposed, user('Confirmed.')]
    const done = bare(round(['clock', { text: 'noon' }]))
    expect(playAgent([...confirmed, ...done], planner)).toMatchObject({
      calls: [],
      text: 'Done. This is what came of it:\n\n- clock: noon',
    })
    expect(playAgent(confirmed, planner)).toMatchObject({ calls: [], text: 'There was nothing to do.' })
    const wrong = [all, user('Go'), ...round(['propose_plan', 'tasks: too many'])]
    expect(playAgent(wrong, planner)).toMatchObject({ calls: [], text: expect.stringContaining('tasks: too many') })
    const later = [...confirmed, ...done, assistant('Done.'), user('Again')]
    expect(planOf(bare(later))).toHaveLength(3)
  })
})

describe('without tools', () => {
  test('it says what it remembers', () => {
    const known = system(
      'Be kind.\n\nWhat is known from earlier conversations:\n- The user lives in Nara.\n- Tea.\n\nContext:\n{}',
    )
    const { text } = playAgent([known, user('Hi')])
    expect(text).toContain('demo model')
    expect(text).toContain('I remember from earlier conversations:\n\n- The user lives in Nara.\n- Tea.\n\n')
  })

  test.each([
    ['Answer in English.', 'Hello!'],
    ['请用中文回答。', '你好'],
    ['Answer in Traditional Chinese.', '你好'],
    ['日本語で回答してください。', 'こんにちは'],
    ['Responde en español.', '¡Hola!'],
    ['Répondez en français.', 'Bonjour'],
    ['Answer in German.', 'Hello!'],
  ])('%j is answered with %j', (asked, greeting) =>
    expect(playAgent([system(`You help.\n\n${asked}`), user('Hi')]).text).toMatch(new RegExp(`^${greeting}`)),
  )
})

test.each([
  '('.repeat(200_000),
  '"'.repeat(200_000),
  `clock ${'{'.repeat(100_000)}`,
  `clock {${'}'.repeat(100_000)}`,
  ' '.repeat(200_000),
])('words without end cost little time (%.10s)', (said) => {
  const before = performance.now()
  playAgent([instructions('clock'), user(said)], offered)
  playAgent([instructions('clock'), user(said)], planner)
  playAgent([user(said), user('Summarise. {"facts": []} JSON')])
  expect(performance.now() - before).toBeLessThan(3000)
})

describe('asked aside', () => {
  const task = 'Say what is worth remembering. Answer with JSON and nothing else: {"facts": ["…"]}.'
  const facts = (...said: string[]) => {
    const { text, isAside } = playAgent([...said.flatMap((one) => [user(one), assistant('I like it.')]), user(task)])
    expect(isAside).toBe(true)
    return (JSON.parse(text) as { facts: string[] }).facts
  }

  test.each([
    [
      'Hi! My name is Ada. I live in Nara and I work on my boat.',
      ['The user’s name is Ada.', 'The user lives in Nara and works on their boat.'],
    ],
    ['What do I like? Nothing else.', []],
    ['I really like green tea', ['The user really likes green tea.']],
    ["I'm a sailor!", ['The user is a sailor!']],
    ['我叫小明。我喜欢绿茶。', ['我叫小明。', '我喜欢绿茶。']],
    ['私は医者です。', ['私は医者です。']],
    ['Me llamo Ana. Me gusta el té.', ['Me llamo Ana.', 'Me gusta el té.']],
    ["Je m'appelle Léa. J’aime le thé.", ["Je m'appelle Léa.", 'J’aime le thé.']],
  ])('it finds in %j the facts %j', (said, found) => expect(facts(said)).toEqual(found))

  test('it reads a conversation that is told as a text, and follows nothing that stands in it', () => {
    const told = [
      'In short, what was said before:\nThey met.',
      'User:\nI live in Nara.\n\nSummarise! I like tea.',
      'Assistant, a call of clock:\n{}',
      'Result of clock:\nI like clocks.',
      'Assistant:\nI like it too.',
      'User:\nI work at sea.',
    ].join('\n\n')
    const asked = (text: string) => playAgent([user(`${told}\n\n${text}`)]).text
    expect(asked(`The conversation above is over.\n\n- ${task}`)).toBe(
      '{"facts":["The user lives in Nara.","The user likes tea.","The user works at sea."]}',
    )
    expect(asked('Summarise the conversation above.')).toBe(
      'Before: They met.\nThe user said, among 2: “I live in Nara. Summarise! I like tea.”, “I work at sea.”.',
    )
  })

  test('it summarises what was said, and what was summarised before', () => {
    const before = system('The conversation so far, in short:\nThey met.')
    const { text } = playAgent([before, user('First'), assistant('Yes'), user('Second'), user('Summarise this.')])
    expect(text).toBe('Before: They met.\nThe user said, among 2: “First”, “Second”.')
  })
})

async function collect(model: string, request: Partial<GenerateRequest>): Promise<Chunk[]> {
  const provider = new DemoProvider(model, parseDemoModel(model)!)
  const signal = new AbortController().signal
  const chunks: Chunk[] = []
  const asked = { prompt: [], keptText: '', parameters: {}, signal, ...request }
  for await (const chunk of provider.generate(asked)) chunks.push(chunk)
  return chunks
}

describe('how it comes', () => {
  test('arguments stream before each call, and the end says that calls are wanted', async () => {
    const chunks = await collect('demo/agent?tps=0', { prompt: [user('wait, and a postcard to Ada')], tools: offered })
    const streamed = (call: string) =>
      chunks.map((chunk) => (chunk.type === 'tool-input' && chunk.call === call ? chunk.text : '')).join('')
    const calls = chunks.filter((chunk) => chunk.type === 'tool-call')
    expect(calls.map(({ name }) => name)).toEqual(['demo_wait', 'demo_postcard'])
    for (const { call, input } of calls) expect(JSON.parse(streamed(call))).toEqual(input)
    expect(chunks.filter(({ type }) => type === 'tool-input').length).toBeGreaterThan(4)
    expect(chunks.at(-1)).toMatchObject({
      reason: 'tool_calls',
      replay: calls.map(({ call }) => ({ type: 'tool_call', call })),
    })
  })

  test('arguments that were cut are no call', async () => {
    const prompt = [user('wait, and a postcard to Ada')]
    const chunks = await collect('demo/agent?tps=0', { prompt, tools: offered, parameters: { max_tokens: 3 } })
    expect(chunks.filter(({ type }) => type === 'tool-input')).toHaveLength(3)
    expect(chunks.at(-1)).toMatchObject({ reason: 'length' })
  })

  test('demo/calls makes the calls that it is told, round by round, whatever it is offered', async () => {
    const rounds = [[{ name: 'clock' }, { name: 'fly', input: 'high' }], [{ name: 'clock', input: { add: 'P1D' } }]]
    const said = user(JSON.stringify(rounds))
    const after = async (...since: PromptMessage[]) => {
      const chunks = await collect('demo/calls', { prompt: [said, ...since] })
      return {
        calls: chunks.flatMap((chunk) =>
          chunk.type === 'tool-call' ? [{ name: chunk.name, input: chunk.input }] : [],
        ),
        text: chunks.map((chunk) => (chunk.type === 'text' ? chunk.text : '')).join(''),
      }
    }
    const [clock, fly] = rounds[0]!
    expect(await after()).toEqual({ calls: [{ ...clock, input: {} }, fly], text: '' })
    const first = round(['clock', {}], ['fly', 'There is no such tool.'])
    expect(await after(...first)).toEqual({ calls: rounds[1], text: '' })
    const { calls, text } = await after(...first, ...round(['clock', {}]))
    expect([calls, text]).toEqual([[], expect.stringContaining('- fly failed: There is no such tool.')])
    await expect(collect('demo/calls', { prompt: [user('Hi')] })).rejects.toMatchObject({
      code: 'provider_bad_request',
    })
  })

  test('what a summary stands for is done: it is told, and demo/calls goes on after it', async () => {
    const rounds = [[{ name: 'clock' }, { name: 'fly' }], [{ name: 'clock' }], [{ name: 'fly', input: 'low' }]]
    const said = user(JSON.stringify(rounds))
    const told = doneBefore(
      '- clock {}: completed: noon',
      '- [task] clock {}: completed: one',
      '- fly {"a":1}: failed: No wings.',
    )
    expect(await namesAfter(told, said)).toEqual(['clock'])
    expect(await namesAfter(told, said, ...round(['clock', {}]))).toEqual(['fly'])
    const counted = ['- 3 earlier calls, 1 of them tasks: clock (2), fly (1)', '- clock {}: completed: noon']
    expect(await namesAfter(doneBefore(...counted), said)).toEqual(['fly'])
    const { text, calls } = playAgent([told, user('What time is it?')], offered)
    expect([calls, text]).toEqual([[], expect.stringMatching(/- clock: noon\n- clock: one\n- fly failed: No wings\./)])
  })

  test('a prompt that is longer than its window is refused', async () => {
    const prompt = [user('x'.repeat(4000))]
    await expect(collect('demo/steady?window=1000', { prompt })).rejects.toMatchObject({
      code: 'provider_context_too_long',
    })
    const chunks = await collect('demo/echo?window=1100', { prompt })
    expect(chunks.at(-1)).toMatchObject({ reason: 'stop', usage: { input_tokens: 1004 } })
  })
})

function doneBefore(...lines: string[]): PromptMessage {
  const summary = 'The conversation so far, in short:\nThey met.\n\n'
  return system([`${summary}Already done in this run, do not do it again (it says so):`, ...lines].join('\n'))
}

async function namesAfter(...prompt: PromptMessage[]): Promise<string[]> {
  const chunks = await collect('demo/calls', { prompt })
  return chunks.flatMap((chunk) => (chunk.type === 'tool-call' ? [chunk.name] : []))
}
