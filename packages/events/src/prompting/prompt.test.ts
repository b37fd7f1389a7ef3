import type { PromptToolResult } from './prompt-message.ts'
import { describe, expect, test } from 'vitest'
import { Story } from '../../test/story.ts'
import {
  draft,
  estimateTokens,
  keptText,
  prompt,
  UnknownMessage,
  type PromptMessage,
  type ReplayPart,
} from '../index.ts'

function user(text: string): PromptMessage {
  return { role: 'user', content: [{ type: 'text', text }] }
}

function assistant(text: string): PromptMessage {
  return { role: 'assistant', content: [{ type: 'text', text }] }
}

const error = { code: 'x', message: 'no such zone' }

describe('the conversation', () => {
  test('goes before its request, in order, partial answers included', () => {
    const story = new Story()
      .ask('r1', 'One')
      .request('r1', 'm1')
      .generate('r1', 'm1')
      .stream('r1', 'm1', 'Half an ans')
    story.say('run.cancel_requested', { run: 'r1', by: 'u', reason: 'user' })
    story.close('r1', 'm1', { status: 'partial', reason: 'cancelled' })
    story.say('run.cancelled', { run: 'r1', by: 'u', reason: 'user' })
    story.ask('r2', 'Two').request('r2', 'm2', { instructions: 'Be brief.' })
    const expected = [{ role: 'system', content: 'Be brief.' }, user('One'), assistant('Half an ans'), user('Two')]
    expect(prompt(story.state, 'm2')).toStrictEqual(expected)
    story.generate('r2', 'm2').stream('r2', 'm2', 'B').close('r2', 'm2').end('r2').ask('r3', 'Three')
    expect(prompt(story.state, 'm2'), 'the same when it is asked for later').toStrictEqual(expected)
    expect(prompt(story.state, 'm1')).toStrictEqual([user('One')])
  })

  test('leaves out what waits in the queue, and answers without a text', () => {
    const story = new Story().ask('r1', 'One').request('r1', 'm1')
    story.say('run.queued', { run: 'r2', kind: 'agent', message: 'u2', parts: [{ type: 'text', text: 'Later' }] })
    story.close('r1', 'm1', { status: 'partial', reason: 'provider_failed', usage: undefined })
    story.request('r1', 'm2')
    expect(prompt(story.state, 'm2')).toStrictEqual([user('One')])
  })

  test('leaves out titles, memories, summaries and the plans of other runs', () => {
    const story = new Story().ask('r1', 'One', { memory: 'on' })
    story.write('r1', 't1', 'A title', { purpose: 'title' }).write('r1', 'p1', 'A plan', { purpose: 'plan' })
    story.write('r1', 'm1', 'Done').end('r1').write('r1', 'x1', '[]', { purpose: 'memory' })
    story.ask('r2', 'Two').request('r2', 'm2')
    expect(prompt(story.state, 'm2')).toStrictEqual([user('One'), assistant('Done'), user('Two')])
  })

  test('names files, which a provider’s side loads', () => {
    const story = new Story().say('run.started', { run: 'r1', kind: 'agent' }).say('message.added', {
      run: 'r1',
      message: 'u',
      role: 'user',
      parts: [
        { type: 'text', text: 'Look' },
        { type: 'image', blob: 'b1' },
        { type: 'file', url: 'https://example.org/x.pdf', filename: 'x.pdf', media_type: 'application/pdf' },
      ],
    })
    expect(prompt(story.request('r1', 'm1').state, 'm1')).toStrictEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look' },
          { type: 'file', mediaType: 'image/*', blob: 'b1' },
          { type: 'file', mediaType: 'application/pdf', filename: 'x.pdf', url: 'https://example.org/x.pdf' },
        ],
      },
    ])
  })
})

describe('what is said beside the conversation', () => {
  test('is one system text at the beginning', () => {
    const story = new Story().ask('r1', 'Hi').say('message.added', {
      run: 'r1',
      message: 's1',
      role: 'system',
      parts: [{ type: 'text', text: 'Taken over.' }],
    })
    story.request('r1', 'm1', {
      instructions: 'Be brief.',
      memories: [{ id: 'k1', text: 'Lives in Nara.' }],
      context: { a: 1 },
    })
    expect(prompt(story.state, 'm1')).toStrictEqual([
      {
        role: 'system',
        content: [
          'Be brief.',
          'Taken over.',
          'What is known from earlier conversations:\n- Lives in Nara.',
          'Context:\n{"a":1}',
        ].join('\n\n'),
      },
      user('Hi'),
    ])
  })

  test('comes from the blob where the request has one', () => {
    const story = new Story().ask('r1', 'Hi').request('r1', 'm1', { blob: 'b1' })
    expect(prompt(story.state, 'm1', { instructions: 'Very long.' })[0]).toStrictEqual({
      role: 'system',
      content: 'Very long.',
    })
  })

  test('is the last word to a model that shall not go on with the answer but look back at it', () => {
    const story = new Story().ask('r1', 'Hi').write('r1', 'm1', 'Hello').request('r1', 't1', {
      purpose: 'title',
      instructions: 'Find a title.',
    })
    expect(prompt(story.state, 't1')).toStrictEqual([user('Hi'), assistant('Hello'), user('Find a title.')])
  })

  test('a summary stands for the turns up to its cursor, from its event on', () => {
    const story = new Story().ask('r1', 'Old').write('r1', 'm1', 'Older').end('r1').ask('r2', 'New').request('r2', 'm2')
    const before = prompt(story.state, 'm2')
    story.generate('r2', 'm2').stream('r2', 'm2', 'Newer').close('r2', 'm2').end('r2')
    story.say('session.summarised', { up_to: '1-8', text: 'They met.', messages: 2 })
    expect(prompt(story.state, 'm2')).toStrictEqual(before)
    story.ask('r3', 'Newest').request('r3', 'm3')
    expect(prompt(story.state, 'm3')).toStrictEqual([
      { role: 'system', content: 'The conversation so far, in short:\nThey met.' },
      user('New'),
      assistant('Newer'),
      user('Newest'),
    ])
  })
})

describe('tools', () => {
  const calls = ['c1', 'c2', 'c3'].map((call) => ({ call, name: 'clock', input: { zone: call } }))

  function asked(): Story {
    const story = new Story().ask('r1', 'Times?').request('r1', 'm1').generate('r1', 'm1')
    story.say('reasoning.delta', { run: 'r1', message: 'm1', sequence: 1, text: 'Hm.' })
    return story.close('r1', 'm1', { reason: 'tool_calls', tool_calls: calls })
  }

  test('every call is followed by its result, also one that failed or was never carried out', () => {
    const story = asked()
    for (const call of ['c1', 'c2']) {
      story.say('tool.called', { run: 'r1', call, name: 'clock', input: {}, repeatable: true })
    }
    story.say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
    story.say('tool.completed', { run: 'r1', call: 'c1', output: { hour: 12 }, duration_ms: 1 })
    story.say('tool.failed', { run: 'r1', call: 'c2', error, outcome: 'unknown' })
    story.request('r1', 'm2')
    const result = { type: 'tool-result', toolName: 'clock' }
    expect(prompt(story.state, 'm2')).toStrictEqual([
      user('Times?'),
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm.' },
          ...calls.map(({ call, input }) => ({ type: 'tool-call', toolCallId: call, toolName: 'clock', input })),
        ],
      },
      {
        role: 'tool',
        content: [
          { ...result, toolCallId: 'c1', output: { type: 'json', value: { hour: 12 } } },
          {
            ...result,
            toolCallId: 'c2',
            output: { type: 'error-text', value: 'Outcome unknown, it may have taken effect: no such zone' },
          },
          { ...result, toolCallId: 'c3', output: { type: 'error-text', value: 'This call was not carried out.' } },
        ],
      },
    ])
  })

  test('reasoning does not go back to the model in a later run', () => {
    const story = asked()
      .request('r1', 'm2')
      .generate('r1', 'm2')
      .stream('r1', 'm2', 'Noon')
      .close('r1', 'm2')
      .end('r1')
    const later = prompt(story.ask('r2', 'And now?').request('r2', 'm3').state, 'm3')
    expect(JSON.stringify(later)).not.toContain('Hm.')
  })

  test("a provider's own pieces of the answer go back with it in the same run, and in no later one", () => {
    const replay: ReplayPart[] = [
      { type: 'reasoning', text: 'Hm.', data: { anthropic: { signature: 's' } } },
      { type: 'tool_call', call: 'c1' },
    ]
    const story = new Story().ask('r1', 'Times?').request('r1', 'm1').generate('r1', 'm1')
    story.close('r1', 'm1', { reason: 'tool_calls', tool_calls: calls.slice(0, 1), replay }).request('r1', 'm2')
    const { provider, model } = story.message('m1')
    expect(prompt(story.state, 'm2')[1]).toMatchObject({
      role: 'assistant',
      replay: { provider, model, parts: replay },
    })
    story
      .generate('r1', 'm2')
      .stream('r1', 'm2', 'Noon')
      .close('r1', 'm2')
      .end('r1')
      .ask('r2', 'And now?')
      .request('r2', 'm4')
    expect(JSON.stringify(prompt(story.state, 'm4'))).not.toContain('signature')
  })

  test('arguments that were cut while they streamed are not sent', () => {
    const story = new Story().ask('r1', 'x').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'Let me')
    story.say('tool.input.delta', { run: 'r1', message: 'm1', call: 'c1', name: 'clock', text: '{"zo' })
    story.close('r1', 'm1', { status: 'partial', reason: 'provider_failed' }).request('r1', 'm2')
    expect(prompt(story.state, 'm2')).toStrictEqual([user('x'), assistant('Let me'), user('Go on.')])
  })

  test('the tasks of a plan follow the plan and its confirmation', () => {
    const story = new Story().ask('r1', 'Do it').write('r1', 'p1', '1. Look', { purpose: 'plan' })
    story.say('confirmation.requested', {
      run: 'r1',
      confirmation: 'q1',
      kind: 'plan',
      round: 1,
      prompt: 'Shall I?',
      tasks: [{ index: 1, description: 'Look', tool: 'clock' }],
      hash: 'h',
      options: ['confirm', 'modify', 'cancel'],
      timeout_seconds: 300,
      deadline: '2026-11-20T09:55:00.000Z',
    })
    story.say('confirmation.resolved', { run: 'r1', confirmation: 'q1', action: 'confirm', by: 'u', via: 'http' })
    story.say('tool.called', { run: 'r1', call: 'c1', name: 'clock', input: {}, task: 1, repeatable: true })
    story.say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
    story.say('tool.completed', { run: 'r1', call: 'c1', output: 'no', blob: 'b1', duration_ms: 1 })
    expect(prompt(story.request('r1', 'm1').state, 'm1')).toStrictEqual([
      user('Do it'),
      assistant('1. Look'),
      user('Confirmed.'),
      { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'clock', input: {} }] },
      {
        role: 'tool',
        content: [
          {
            type: 'tool-result',
            toolCallId: 'c1',
            toolName: 'clock',
            output: { type: 'text', value: 'no\n[The whole output is stored as blob b1.]' },
          },
        ],
      },
    ])
  })
})

describe('a plan', () => {
  const question = {
    kind: 'plan' as const,
    round: 1,
    prompt: 'Shall I?',
    tasks: [],
    hash: 'h',
    options: ['confirm' as const],
    timeout_seconds: 300,
    deadline: '2026-11-20T09:55:00.000Z',
  }

  test('that was proposed by a call has been shown, as far as the model hears', () => {
    const story = new Story().ask('r1', 'Do it').request('r1', 'p1', { purpose: 'plan' }).generate('r1', 'p1')
    const proposed = { call: 'c1', name: 'propose_plan', input: { tasks: [] } }
    story.close('r1', 'p1', { reason: 'tool_calls', tool_calls: [proposed] })
    story.say('confirmation.requested', { run: 'r1', confirmation: 'q1', ...question })
    const answer = { confirmation: 'q1', action: 'modify' as const, message: 'Twice.', by: 'u', via: 'http' }
    story.say('confirmation.resolved', { run: 'r1', ...answer }).request('r1', 'p2', { purpose: 'plan' })
    const output = { type: 'text', value: 'The plan was shown to the person.' }
    expect(prompt(story.state, 'p2').slice(2)).toStrictEqual([
      { role: 'tool', content: [{ type: 'tool-result', toolCallId: 'c1', toolName: 'propose_plan', output }] },
      user('Twice.'),
    ])
  })

  test('that proposes nothing is not answered to', () => {
    const story = new Story().ask('r1', 'Hi').write('r1', 'p1', 'Just hello.', { purpose: 'plan' }).request('r1', 'm1')
    expect(prompt(story.state, 'm1')).toStrictEqual([user('Hi')])
  })

  test('of one call is answered in the result of the call alone', () => {
    const sent = prompt(answeredWith({ action: 'modify', message: 'Not this.' }), 'm2')
    expect(sent.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool'])
    expect(JSON.stringify(sent.at(-1))).toContain('Not carried out. The person said: Not this.')
  })

  test('of one call tells the model which arguments the person put in place of its own', () => {
    const inputs = { input_before: {}, input_after: { command: 'ls' } }
    const sent = prompt(answeredWith({ action: 'modify', ...inputs }, { command: 'ls' }), 'm2')
    const result = sent.at(-1)!.content[0] as PromptToolResult
    expect(result.output.value).toBe('[The person changed the arguments to {"command":"ls"}.]\nfiles')
  })

  /** A question about one call, its answer, and with an input what came of it. */
  function answeredWith(answer: { action: 'modify'; message?: string; input_after?: unknown }, input?: unknown) {
    const story = new Story().ask('r1', 'Do it').request('r1', 'm1').generate('r1', 'm1')
    story.close('r1', 'm1', { reason: 'tool_calls', tool_calls: [{ call: 'c1', name: 'shell', input: {} }] })
    story.say('confirmation.requested', { run: 'r1', confirmation: 'q1', ...question, kind: 'tool', call: 'c1' })
    story.say('confirmation.resolved', { run: 'r1', confirmation: 'q1', ...answer, by: 'u', via: 'http' })
    if (input !== undefined) {
      story.say('tool.called', { run: 'r1', call: 'c1', name: 'shell', input, repeatable: false })
      story.say('tool.started', { run: 'r1', call: 'c1', attempt: 1, worker: 'w' })
      story.say('tool.completed', { run: 'r1', call: 'c1', output: 'files', duration_ms: 1 })
    }
    return story.request('r1', 'm2').state
  }
})

describe('a look back', () => {
  test('sends the conversation as a text, with calls and results in words, up to where the summary ends', () => {
    const story = toolsStory()
    const upTo = `1-${story.message('m2').firstSeq}`
    story.request('r2', 's1', { purpose: 'summary', up_to: upTo, prompt_tokens: 300, instructions: 'Summarise.' })
    const sent = prompt(story.state, 's1')
    expect(sent).toHaveLength(1)
    const text = textOf(sent[0])
    expect(text).toContain(
      'User:\nOld\n\nAssistant:\nOlder\n\nUser:\nTime?\n\nAssistant, a call of clock:\n{"zone":"UTC"}',
    )
    expect(text).toMatch(/Result of clock:\nnoon noon.*\[… \d+ characters …\].*noon \n\nSummarise\.$/s)
    expect(estimateTokens(sent)).toBeLessThan(320)
  })

  test('builds on the summary before', () => {
    const story = toolsStory()
    const end = story.message('m1').firstSeq
    story.say('session.summarised', { up_to: `1-${end}`, text: 'They met.', messages: 2 })
    story.request('r2', 's1', {
      purpose: 'summary',
      up_to: `1-${story.message('r2-user').firstSeq}`,
      instructions: 'Summarise.',
    })
    expect(textOf(prompt(story.state, 's1')[0])).toBe(
      'In short, what was said before:\nThey met.\n\nUser:\nTime?\n\nSummarise.',
    )
  })

  test('for what is to be remembered is at one run, however much was summarised', () => {
    const story = toolsStory().write('r2', 'm3', 'It is noon.').end('r2')
    story.say('session.summarised', { up_to: `1-${story.state.seq}`, text: 'They met.', messages: 4 })
    story.request('r2', 'x1', { purpose: 'memory', instructions: 'What is worth remembering?' })
    const text = textOf(prompt(story.state, 'x1')[0])
    expect(text).toMatch(/^User:\nTime\?.*Result of clock:\nnoon.*Assistant:\nIt is noon\.\n\nWhat is worth/s)
  })
})

test('what a run answers is sent with it however much was summarised, and what follows a summary begins with a person', () => {
  const story = new Story().ask('r1', 'Old').write('r1', 'm1', 'Older').end('r1').ask('r2', 'Time?')
  const before = story.message('m1').firstSeq - 1
  story.say('session.summarised', { up_to: `1-${before}`, text: 'They met.', messages: 1 }).request('r2', 'm2')
  expect(prompt(story.state, 'm2').slice(1)).toStrictEqual([user('Go on.'), assistant('Older'), user('Time?')])
  story.close('r2', 'm2', { status: 'partial', reason: 'provider_failed' })
  story.say('session.summarised', { up_to: `1-${story.state.seq}`, text: 'All of it.', messages: 3 })
  expect(prompt(story.request('r2', 'm3').state, 'm3').slice(1)).toStrictEqual([user('Time?')])
})

describe('what a run has done', () => {
  test('is told in a list where a summary stands for it, and in this run only', () => {
    const story = toolsStory().request('r2', 's1', { purpose: 'summary' }).generate('r2', 's1')
    story.close('r2', 's1', { tool_calls: [{ call: 'nobody-makes-it', name: 'clock', input: {} }] })
    story.say('tool.called', {
      run: 'r2',
      call: 't1',
      name: 'letter',
      input: { to: 'Ada' },
      task: 1,
      repeatable: false,
    })
    story.say('tool.started', { run: 'r2', call: 't1', attempt: 1, worker: 'w' })
    const unknown = { outcome: 'unknown' as const, error: { code: 'unknown', message: 'Nobody saw it.' } }
    story.say('tool.failed', { run: 'r2', call: 't1', ...unknown })
    story.say('session.summarised', { run: 'r2', up_to: `1-${story.state.seq}`, text: 'They met.', messages: 4 })
    const [system, ...others] = prompt(story.request('r2', 'm3').state, 'm3')
    expect(others).toStrictEqual([user('Time?')])
    const [head, list] = String(system?.content).split(/\n\nAlready done in this run, do not do it again.*:\n/)
    expect(head).toBe('The conversation so far, in short:\nThey met.')
    expect(list).toMatch(
      /^- clock \{"zone":"UTC"\}: completed: noon noon .*\n- \[task\] letter \{"to":"Ada"\}: unknown: Outcome unknown, it may have taken effect: Nobody saw it\.$/,
    )
    story.generate('r2', 'm3').close('r2', 'm3').end('r2').ask('r3', 'And now?').request('r3', 'm4')
    expect(String(prompt(story.state, 'm4')[0]?.content)).not.toContain('Already done')
  })

  test('stays in the prompt with results of the length that the request allows', () => {
    const { state } = toolsStory().request('r2', 'm3', { result_tokens: 60 })
    const result = prompt(state, 'm3').at(-1)?.content[0] as PromptToolResult
    expect(result.output.value).toMatch(/^noon noon.*\[… \d+ characters …\].*noon $/s)
    expect(estimateTokens(prompt(state, 'm3').slice(-1))).toBeLessThan(80)
  })
})

test('the kept text is what the attempts have left', () => {
  const story = new Story().ask('r1', 'x').request('r1', 'm1').generate('r1', 'm1').stream('r1', 'm1', 'one ', 'two ')
  expect(keptText(story.state, 'm1')).toBe('one two ')
  const anew = {
    run: 'r1',
    message: 'm1',
    attempt: 2,
    worker: 'w',
    provider: 'p',
    model: 'm',
    reason: 'retry' as const,
  }
  story.tell({ seq: 99, event: draft('generation.started', { ...anew, kept: 0 }) })
  expect(keptText(story.state, 'm1')).toBe('')
})

test('a message that the state does not hold is a mistake of the caller', () => {
  expect(() => prompt(new Story().state, 'm1')).toThrow(UnknownMessage)
  expect(() => keptText(new Story().state, 'm1')).toThrow('The session has no message m1.')
})

function toolsStory(): Story {
  const story = new Story().ask('r1', 'Old', { memory: 'on' }).write('r1', 'm1', 'Older').end('r1')
  story.ask('r2', 'Time?', { memory: 'on' }).request('r2', 'm2').generate('r2', 'm2')
  story.close('r2', 'm2', {
    reason: 'tool_calls',
    tool_calls: [{ call: 'c1', name: 'clock', input: { zone: 'UTC' } }],
  })
  story.say('tool.called', { run: 'r2', call: 'c1', name: 'clock', input: {}, repeatable: true })
  story.say('tool.started', { run: 'r2', call: 'c1', attempt: 1, worker: 'w' })
  return story.say('tool.completed', { run: 'r2', call: 'c1', output: 'noon '.repeat(2000), duration_ms: 1 })
}

function textOf(message: PromptMessage | undefined): string {
  return message?.role === 'user' && message.content[0]?.type === 'text' ? message.content[0].text : ''
}
