import { type PromptMessage, type SpoolEvent, estimateText, estimateTokens, prompt } from '@spool/events'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Talk } from '../../test/support/talk.ts'
import type { Decision } from '../deciding/decision.ts'
import { afterTooLong } from './after-too-long.ts'
import { type Fits, fitIntoWindow } from './fit-into-window.ts'

const LENGTHY = 'They spoke of the rain. '.repeat(100)
const INSTRUCTIONS = 'Be brief.'
/** Steps that no conversation of these tests needs. */
const TOO_MANY = 120

interface Exchange {
  readonly asked: string
  readonly calls: readonly { readonly input: string; readonly output: string }[]
  readonly answered: string
}

interface Told {
  readonly earlier: readonly Exchange[]
  readonly asked: string
  readonly calls: Exchange['calls']
  readonly plans: boolean
}

const length = (max: number) => fc.integer({ min: 1, max })

const words = fc.oneof(
  { weight: 6, arbitrary: length(300).map((size) => 'The rain in Nara falls. '.repeat(size / 24 + 1)) },
  { weight: 3, arbitrary: length(300).map((size) => '奈良の雨、'.repeat(size / 5 + 1)) },
  { weight: 1, arbitrary: length(12_000).map((size) => 'Rain 7 mm; 漢字🌧 '.repeat(size / 15 + 1)) },
)

const exchange: fc.Arbitrary<Exchange> = fc.record({
  asked: words,
  calls: fc.array(fc.record({ input: words, output: words }), { maxLength: 3 }),
  answered: words,
})

const talks: fc.Arbitrary<Told> = fc.record({
  earlier: fc.array(exchange, { maxLength: 12 }),
  asked: length(300).map((size) => 'And what now? '.repeat(size / 14 + 1)),
  calls: fc.array(fc.record({ input: words, output: words }), { maxLength: 6 }),
  plans: fc.boolean(),
})

/** What becomes of a summary that is asked for. */
const luck = fc.constantFrom('written', 'provider_unavailable', 'provider_context_too_long')

const window = fc.integer({ min: 1_000, max: 12_000 })

describe('following fitIntoWindow to its end', () => {
  test('reaches a prompt that fits, in few steps, with the newest as they were', () => {
    fc.assert(
      fc.property(talks, window, fc.array(luck), (told, windowTokens, lucks) => {
        const talk = tell(told)
        const before = talk.state
        const whole = said(talk)
        const steps = settle(talk, windowTokens, lucks)
        expect(steps).toBeLessThan(TOO_MANY)
        const { limits } = fitting(talk, windowTokens)
        const sent = talk.prompt('now', INSTRUCTIONS, limits)
        expect(estimateTokens(sent)).toBeLessThanOrEqual(windowTokens)
        keepsWhatMatters(talk, whole, limits)
        tellsWhatWasDone(talk, limits)
        for (const message of before.messages) expect(talk.state.messages).toContain(message)
        expect(talk.state.calls).toEqual(before.calls)
        if (steps === 0 && limits.result_tokens === undefined) expect(said(talk)).toStrictEqual(whole)
      }),
      { numRuns: 150 },
    )
  })

  test('summarises about half a window of what is newest last of all', () => {
    const talk = new Talk()
    for (let index = 0; index < 40; index++) exchanged(talk, `r${index}`, `Question ${index}. ${'More. '.repeat(100)}`)
    talk.ask('now', [{ type: 'text', text: 'And now?' }])
    settle(talk, 8_000, [])
    const stays = estimateTokens(said(talk))
    expect(stays).toBeGreaterThan(3_000)
    expect(stays).toBeLessThan(4_100)
    expect(JSON.stringify(said(talk))).toContain('Question 39.')
  })

  test('asks a model for the oldest first, each time building on what it said before, and never with more than it takes in', () => {
    const talk = new Talk()
    for (let index = 0; index < 60; index++) exchanged(talk, `r${index}`, `Question ${index}. ${'More. '.repeat(100)}`)
    talk.ask('now', [{ type: 'text', text: 'And now?' }])
    settle(talk, 2_000, [])
    const asked = talk.state.messages.filter(({ purpose }) => purpose === 'summary')
    expect(asked.length).toBeGreaterThan(3)
    const ends = asked.map(({ request }) => Number(request?.upTo?.split('-')[1]))
    expect(ends).toEqual(ends.toSorted((one, other) => one - other))
    expect(talk.log.filter(({ event }) => event.type === 'session.summarised')).toHaveLength(asked.length)
    expect(talk.state.summary?.text).toBe(`In short ${asked.at(-1)?.id}.`)
  })

  test('changes nothing where all fits, or the window is not known and it is no long conversation', () => {
    const talk = exchanged(new Talk(), 'r1', 'Hello').ask('now', [{ type: 'text', text: 'And now?' }])
    expect(next(talk, 1_000)).toBeNull()
    expect(next(talk, null)).toBeNull()
  })

  test('leaves the room that the answer asks for', () => {
    const talk = exchanged(new Talk(), 'r1', 'More. '.repeat(400)).ask('now', [{ type: 'text', text: 'And now?' }])
    const tokens = estimateTokens(talk.prompt('now', INSTRUCTIONS))
    const asking = { instructions: INSTRUCTIONS, parameters: { max_tokens: 500 } }
    expect(fitIntoWindow(talk.state, talk.run('now'), asking, tokens + 520, talk).kind).toBe('fits')
    expect(fitIntoWindow(talk.state, talk.run('now'), asking, tokens + 480, talk).kind).toBe('append')
  })

  test('fails only where the newest message alone is larger than the window, and then without a call', () => {
    const talk = exchanged(new Talk(), 'r1', 'Hello').ask('now', [{ type: 'text', text: 'More. '.repeat(4_000) }], {
      language: 'fr',
    })
    const failure = { type: 'run.failed', error: { code: 'message_too_large', retryable: false } }
    expect(eventOf(next(talk, 2_000))).toMatchObject(failure)
    expect(eventOf(next(talk, 2_000))).toMatchObject({
      error: { message: expect.stringContaining('dépasse ce que le modèle') },
    })
    settle(talk, 7_500, [])
    expect(talk.run('now').status).toBe('active')
  })

  test('keeps the thread in words of its own where no model can summarise', () => {
    const talk = new Talk()
    for (let index = 0; index < 20; index++) exchanged(talk, `r${index}`, `Question ${index}. ${'More. '.repeat(100)}`)
    talk.ask('now', [{ type: 'text', text: 'And now?' }], { language: 'es' })
    settle(talk, 2_000, ['provider_unavailable'])
    expect(talk.state.summary?.text).toMatch(
      /^Aquí se omiten mensajes anteriores \(\d+\)\.\n(- Question \d+\. .+\n?)+$/,
    )
  })

  test('asks again with less where the summary itself was too long, and not for ever', () => {
    const talk = new Talk()
    for (let index = 0; index < 20; index++) exchanged(talk, `r${index}`, `Question ${index}. ${'More. '.repeat(100)}`)
    talk.ask('now', [{ type: 'text', text: 'And now?' }])
    const asked: number[] = []
    for (let decision = next(talk, 4_000); decision !== null && asked.length < 9; decision = next(talk, 4_000)) {
      talk.append(eventOf(decision))
      const open = talk.state.messages.at(-1)
      if (open?.status !== 'requested') continue
      asked.push(estimateTokens(prompt(talk.state, open.id)))
      talk.fail(open.id, 'provider_context_too_long')
    }
    expect(asked).toHaveLength(3)
    expect(asked[2]).toBeLessThan(asked[0]! / 2)
    expect(talk.state.summary?.text).toContain('Earlier messages are left out here')
  })

  test('lets a summary go that comes after another one which stands for more', () => {
    const talk = exchanged(new Talk(), 'r1', 'Hello')
    const end = talk.state.messages.at(-1)!.firstSeq
    talk.ask('now', [{ type: 'text', text: 'And now?' }])
    const late = { run: 'now', message: 's1', purpose: 'summary' as const, model: 'm', up_to: `1-${end - 4}` }
    talk.say('message.requested', late)
    talk.say('session.summarised', { up_to: `1-${end}`, text: 'They met.', messages: 2 }).write('s1', 'Late.')
    talk.append(eventOf(next(talk, 1_000)))
    expect(talk.state.summary).toMatchObject({ up_to: `1-${end}`, text: 'They met.' })
    expect(talk.state.results).toEqual([])
  })
})

describe('a model that takes in less than anybody knows', () => {
  test('is satisfied in the end by afterTooLong, in few calls', () => {
    fc.assert(
      fc.property(talks, fc.integer({ min: 400, max: 6_000 }), fc.array(luck), (told, truth, lucks) => {
        const talk = tell(told)
        const whole = said(talk)
        const calls = insist(talk, truth, lucks)
        expect(calls).toBeLessThan(20)
        expect(talk.run('now').status).toBe('active')
        keepsWhatMatters(talk, whole)
        tellsWhatWasDone(talk)
      }),
      { numRuns: 150 },
    )
  })

  test('refuses a message that alone is larger, and the run ends with that', () => {
    const talk = new Talk()
    for (let index = 0; index < 10; index++) exchanged(talk, `r${index}`, 'More. '.repeat(100))
    talk.ask('now', [{ type: 'text', text: 'More. '.repeat(2_000) }])
    insist(talk, 1_000, [])
    expect(talk.run('now')).toMatchObject({ status: 'failed', error: { code: 'message_too_large' } })
    expect(talk.run('now').attempts).toMatchObject([{ error: { code: 'provider_context_too_long' } }])
  })
})

test('what a long summary takes goes last, before the message that is answered is refused', () => {
  const talk = new Talk()
  for (let index = 0; index < 4; index++) exchanged(talk, `r${index}`, 'More. '.repeat(100))
  talk.ask('now', [{ type: 'text', text: 'And now?' }])
  talk.say('session.summarised', { up_to: `1-${talk.message('now-input').firstSeq}`, text: LENGTHY, messages: 8 })
  expect(insist(talk, 200, [])).toBe(2)
  expect(talk.run('now').status).toBe('active')
  expect(talk.state.summary?.text).toBe('Earlier messages are left out here (8).')
})

/** Does what fitIntoWindow asks for, as the others would; `lucks` says what becomes of the summaries, in turn. */
function settle(talk: Talk, windowTokens: number, lucks: readonly string[]): number {
  for (let steps = 0, calls = 0; steps < TOO_MANY; steps++) {
    const decision = next(talk, windowTokens)
    if (decision === null) return steps
    talk.append(eventOf(decision))
    const open = talk.state.messages.at(-1)
    if (open?.status !== 'requested') continue
    expect(estimateTokens(prompt(talk.state, open.id)), 'the call of the summary fits, too').toBeLessThan(windowTokens)
    const fate = lucks[calls++ % lucks.length] ?? 'written'
    if (fate !== 'written') talk.fail(open.id, fate)
    else talk.write(open.id, calls % 5 === 4 ? 'Too much. '.repeat(5_000) : `In short ${open.id}.`)
  }
  return TOO_MANY
}

/** Asks for an answer until the model takes the prompt, or the run has ended. Returns how often it was asked. */
function insist(talk: Talk, truth: number, lucks: readonly string[]): number {
  const fits = (id: string) => estimateTokens(prompt(talk.state, id)) * 0.7 < truth
  for (let calls = 1; calls < TOO_MANY; calls++) {
    const answer = talk.newId()
    const request = { run: 'now', message: answer, purpose: 'answer' as const, model: 'm', instructions: INSTRUCTIONS }
    talk.say('message.requested', request)
    if (fits(answer)) return calls
    talk.fail(answer, 'provider_context_too_long')
    for (let steps = 0; steps < TOO_MANY; steps++) {
      const decision = afterTooLong(talk.state, talk.run('now'), talk.message(answer), talk)
      if (decision === 'ask-again') break
      talk.append(eventOf(decision))
      if (talk.run('now').status === 'failed') return calls
      const open = talk.state.messages.at(-1)
      if (open?.status !== 'requested') continue
      const fate = fits(open.id) ? (lucks[steps % lucks.length] ?? 'written') : 'provider_context_too_long'
      if (fate === 'written') talk.write(open.id, 'In short.')
      else talk.fail(open.id, fate)
    }
  }
  return TOO_MANY
}

function next(talk: Talk, windowTokens: number | null): Decision | null {
  const decision = stepOf(talk, windowTokens)
  return decision.kind === 'fits' ? null : decision
}

function fitting(talk: Talk, windowTokens: number): Fits {
  const decision = stepOf(talk, windowTokens)
  if (decision.kind !== 'fits') throw new Error('it does not fit')
  return decision
}

function stepOf(talk: Talk, windowTokens: number | null): Decision | Fits {
  return fitIntoWindow(talk.state, talk.run('now'), { instructions: INSTRUCTIONS }, windowTokens, talk)
}

function eventOf(decision: Decision | null): SpoolEvent {
  if (decision?.kind !== 'append') throw new Error('nothing to append')
  return decision.event
}

function tell({ earlier, asked, calls, plans }: Told): Talk {
  const talk = new Talk()
  for (const [index, { asked: question, calls: steps, answered }] of earlier.entries()) {
    const run = `r${index}`
    talk.ask(run, [{ type: 'text', text: question }])
    for (const { input, output } of steps) talk.call(run, 'search', { input }, { output })
    talk.answer(run, answered).end(run)
  }
  talk.ask('now', [{ type: 'text', text: asked }])
  if (plans) confirmPlan(talk)
  for (const { input, output } of calls) talk.call('now', 'search', { input }, output)
  return talk
}

function confirmPlan(talk: Talk): void {
  const proposed = { call: talk.newId(), name: 'propose_plan', input: { tasks: [{ description: 'Look' }] } }
  const message = talk.newId()
  talk.say('message.requested', { run: 'now', message, purpose: 'plan', model: 'm' })
  talk.write(message, '', { reason: 'tool_calls', tool_calls: [proposed] })
  const question = {
    run: 'now',
    confirmation: 'q1',
    kind: 'plan' as const,
    round: 1,
    prompt: '?',
    tasks: [],
    hash: 'h',
  }
  talk.say('confirmation.requested', { ...question, options: [], timeout_seconds: 9, deadline: talk.now.toISOString() })
  const yes = { run: 'now', confirmation: 'q1', action: 'confirm' as const, by: 'u', via: 'http' }
  talk.say('confirmation.resolved', yes)
}

function exchanged(talk: Talk, run: string, text: string): Talk {
  return talk
    .ask(run, [{ type: 'text', text }])
    .answer(run, 'I see.')
    .end(run)
}

/** What of the conversation itself is sent. */
function said(talk: Talk, limits: Fits['limits'] = {}): PromptMessage[] {
  return talk
    .prompt('now', INSTRUCTIONS, limits)
    .filter(({ role, content }) => role !== 'system' && JSON.stringify(content) !== '[{"type":"text","text":"Go on."}]')
}

/** The message that is answered, the newest of what was said before in their order, each call with its result. */
function keepsWhatMatters(talk: Talk, whole: readonly PromptMessage[], limits: Fits['limits'] = {}): void {
  const input: PromptMessage = {
    role: 'user',
    content: [{ type: 'text', text: talk.message('now-input').text }],
  }
  const isInput = (message: PromptMessage) => JSON.stringify(message) === JSON.stringify(input)
  const sent = said(talk, limits)
  expect(sent.some(isInput)).toBe(true)
  const others = sent.filter((message) => !isInput(message))
  const newest = whole.filter((message) => !isInput(message)).slice(-others.length || Infinity)
  if (limits.result_tokens === undefined) expect(others).toStrictEqual(newest)
  else expect(others.map(begun)).toStrictEqual(newest.map(begun))
  expect(callsOf(sent, 'tool-call')).toEqual(callsOf(sent, 'tool-result'))
  const says = (text: string) => JSON.stringify(sent).includes(text)
  if (says('"Confirmed."')) expect(says('"propose_plan"'), 'a yes stands beside its plan').toBe(true)
  const first = talk.prompt('now', INSTRUCTIONS).find(({ role }) => role !== 'system')
  expect(first?.role).toBe('user')
}

/** What clipping leaves of it in any case. */
function begun(message: PromptMessage): PromptMessage {
  if (message.role !== 'tool') return message
  const content = message.content.map(({ output, ...result }) => ({
    ...result,
    output: { type: 'text' as const, value: String(output.value).slice(0, 4) },
  }))
  return { ...message, content }
}

/** Each call of the run is in its prompt, or in the list of what was done, or at least counted there. */
function tellsWhatWasDone(talk: Talk, limits: Fits['limits'] = {}): void {
  const shown = new Set(callsOf(said(talk, limits), 'tool-result'))
  const gone = talk.state.calls.filter(({ id, run }) => run === 'now' && !shown.has(id))
  const system = talk.prompt('now', INSTRUCTIONS, limits)[0]
  const [, list = ''] =
    /\n\nAlready done in this run, do not do it again.*\n([^]*)$/.exec(String(system?.content)) ?? []
  const lines = list.split('\n').filter((line) => line !== '')
  const counted = Number(/^- (\d+) earlier calls/.exec(lines[0] ?? '')?.[1] ?? 0)
  const told = counted > 0 ? lines.slice(1) : lines
  for (const line of told) expect(line).toMatch(/^- search \{.*: completed: /)
  expect(told.length + counted).toBe(gone.length)
  expect(estimateText(list)).toBeLessThanOrEqual(limits.done_tokens ?? 400)
  if (gone.length > 0) expect(told.length).toBeGreaterThan(0)
}

function callsOf(messages: readonly PromptMessage[], type: 'tool-call' | 'tool-result'): string[] {
  return messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : content.flatMap((part) => (part.type === type ? part.toolCallId : [])),
  )
}
