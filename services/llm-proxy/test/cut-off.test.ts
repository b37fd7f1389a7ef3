import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Upstream, done, end, frame, startUpstream, stream, usage } from './providers/upstream.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { faults, fieldsOf, shownText } from './support/verdict.ts'

let system: System
let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
  system = await System.start()
  await system.proxy({ OPENAI_BASE_URL: upstream.url, OPENAI_MODEL: 'a-model' })
})
beforeEach(() => void upstream.requests.splice(0))
afterAll(async () => {
  await system?.stop()
  await upstream?.close()
})

type Answer = Parameters<Upstream['answerWith']>[0]

/** One answer after the other. */
function answerInTurn(...answers: Answer[]): void {
  upstream.answerWith((response) => answers.shift()!(response))
}

const cutAfter =
  (...texts: string[]): Answer =>
  (response) => {
    stream(response, ...texts.map((content) => frame({ content })))
    setImmediate(() => response.destroy())
  }

const finishWith =
  (...texts: string[]): Answer =>
  (response) =>
    stream(response, ...texts.map((content) => frame({ content })), end(), usage(7, 5), done).end()

test('an answer that is cut off goes on after what was said, sent along as the beginning of the answer', async () => {
  answerInTurn(cutAfter('Once upon ', 'a '), finishWith('time', ' there was.'))
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'complete', usage: { input_tokens: 7, output_tokens: 5 } })
  expect(shownText(events)).toBe('Once upon a time there was.')
  expect(fieldsOf(events, 'generation.started', 'provider', 'model', 'reason', 'kept')).toEqual([
    ['openai-compatible', 'a-model', 'first', 0],
    ['openai-compatible', 'a-model', 'retry', 12],
  ])
  expect(upstream.requests[1]!.body).toMatchObject({
    model: 'a-model',
    messages: [{ role: 'user' }, { role: 'assistant', content: 'Once upon a' }],
  })
})

test('a server that does not take the beginning of an answer is asked anew, and everybody is told', async () => {
  answerInTurn(
    cutAfter('Once upon '),
    (response) => response.writeHead(400).end('{"error":{"message":"last message must be from the user"}}'),
    finishWith('Long ago.'),
  )
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect([answer.status, answer.text, shownText(events)]).toEqual(['complete', 'Long ago.', 'Long ago.'])
  expect(fieldsOf(events, 'generation.started', 'kept')).toEqual([[0], [10], [0]])
})

test('characters that are cut in two by the chunks of a provider are whole in every event', async () => {
  const [high, low] = ['🧵'.slice(0, 1), '🧵'.slice(1)] as [string, string]
  answerInTurn(finishWith(`a${high}`, low, high, `${low}b`, high, low + high, low))
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  const answer = await conversation.closed()
  expect(answer.text).toBe('a🧵🧵b🧵🧵')
  for (const [text] of fieldsOf(await conversation.events(), 'text.delta', 'text')) {
    expect(String(text).isWellFormed()).toBe(true)
  }
})

test('a half character at the very end stays as it was said', async () => {
  answerInTurn(finishWith('end \ud83e'))
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  expect((await conversation.closed()).text).toBe('end \ud83e')
})

const call = (id: string | undefined, name: string | undefined, text: string) =>
  frame({ tool_calls: [{ index: 0, id, function: { name, arguments: text } }] })

test('reasoning and the calls of tools are in the message, under ids of our own', async () => {
  answerInTurn((response) =>
    stream(
      response,
      frame({ reasoning_content: 'Hm.' }),
      call('not an id!', 'weather', '{"ci'),
      call(undefined, undefined, 'ty":"Oslo"}'),
      end('tool_calls'),
    ).end(),
  )
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  const answer = await conversation.closed()
  expect(faults(await conversation.events())).toEqual([])
  expect(answer.reason).toBe('tool_calls')
  const [toolCall] = answer.toolCalls
  expect(toolCall).toEqual({ call: expect.stringMatching(/^[0-9A-Z]{26}$/), name: 'weather', input: { city: 'Oslo' } })
  expect(answer.parts).toEqual([
    { type: 'reasoning', text: 'Hm.' },
    { type: 'tool_call', call: toolCall!.call, name: 'weather', text: '{"city":"Oslo"}', input: { city: 'Oslo' } },
  ])
})

test('a provider that wants to be left alone for longer than a minute is given up at once', async () => {
  answerInTurn((response) => response.writeHead(429, { 'retry-after': '3600' }).end('{}'))
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  expect(await conversation.closed()).toMatchObject({
    reason: 'provider_failed',
    failures: [{ error: { code: 'provider_rate_limited' } }],
  })
})

test('an end that no event can hold is a failure like any other, and leaves nothing open', async () => {
  const proxyWarned = system.lines.length
  upstream.answerWith((response) =>
    stream(
      response,
      frame({ tool_calls: [{ index: 0, id: 'a', function: { name: ' ', arguments: '{}' } }] }),
      // More tool calls than a message.completed takes.
      ...Array.from({ length: 5 }, (_, index) =>
        frame({
          tool_calls: [
            { index: index + 1, id: `c${index}`, function: { name: 'big', arguments: `"${'x'.repeat(60_000)}"` } },
          ],
        }),
      ),
      end('tool_calls'),
    ).end(),
  )
  const conversation = new Conversation(system.log)
  await conversation.ask('default')
  expect(await conversation.closed()).toMatchObject({ status: 'partial', reason: 'provider_failed', attempt: 3 })
  expect(faults(await conversation.events())).toEqual([])
  expect(system.lines.slice(proxyWarned).join('')).toContain('could not be taken down')
}, 40_000)
