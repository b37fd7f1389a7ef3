import { afterAll, beforeAll, expect, test } from 'vitest'
import { demoScript } from '../src/providers/demo/demo-script.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'
import { faults, fieldsOf, shownText, typesOf } from './support/verdict.ts'

let system: System
beforeAll(async () => {
  system = await System.start()
  await system.proxy()
})
afterAll(() => system?.stop())

const jobsLeft = async () => (await system.bus.jsm.streams.info('WORK', { subjects_filter: 'work.llm.>' })).state

test('an answer is exactly what the model says, begun and closed once, and the orchestrator is asked to go on', async () => {
  const model = 'demo/steady?tokens=300&seed=1'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'complete', reason: 'stop', usage: { output_tokens: 300 } })
  expect(answer.text).toBe(demoScript(model).join(''))
  expect(typesOf(events).filter((type) => type !== 'text.delta')).toEqual([
    'run.started',
    'message.added',
    'message.requested',
    'message.started',
    'generation.started',
    'message.completed',
  ])
  const subject = system.log.subjects.work(conversation.ref, 'run', String(events.at(-1)!.seq))
  await until('the job for the orchestrator', async () => {
    const { state } = await system.bus.jsm.streams.info('WORK', { subjects_filter: 'work.>' })
    const subjects = Object.keys(state.subjects ?? {})
    return subjects.includes(subject) && !subjects.some((name) => name.includes('llm'))
  })
})

test('100,000 emoji at full speed come whole, merged into far fewer events, none larger than an event may be', async () => {
  const model = 'demo/emoji?count=100000'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  const answer = await conversation.closed(60_000)
  expect(answer.text === demoScript(model).join('')).toBe(true)
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(events.length).toBeLessThan(50_000)
  expect(events.every((event) => event.event() !== null && event.text().isWellFormed())).toBe(true)
}, 60_000)

test('a provider that breaks off in mid-answer is asked again, and goes on after what was said', async () => {
  const model = 'demo/fail?after=30&once=1&tokens=60'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'complete', reason: 'stop' })
  expect(shownText(events)).toBe(demoScript(model).join(''))
  const said = demoScript(model).slice(0, 30).join('').length
  expect(fieldsOf(events, 'generation.started', 'attempt', 'reason', 'kept')).toEqual([
    [1, 'first', 0],
    [2, 'retry', said],
  ])
  expect(fieldsOf(events, 'generation.failed', 'attempt')).toEqual([[1]])
})

test('a provider that always fails is given up after three failures; what was said is kept, and the job is done', async () => {
  const model = 'demo/fail?after=5&tokens=9'
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer).toMatchObject({ status: 'partial', reason: 'provider_failed' })
  expect(answer.failures.map(({ attempt, error }) => [attempt, error.code])).toEqual([
    [1, 'provider_broken'],
    [2, 'provider_broken'],
    [3, 'provider_broken'],
  ])
  expect(answer.text).toBe(demoScript(model).slice(0, 5).join(''))
  await until('no job', async () => (await jobsLeft()).num_subjects === 0 || !(await hasJob(conversation)))
})

test.each([
  ['demo/fail?after=0&code=provider_refused', 'provider_refused', 'provider_failed'],
  ['demo/fail?after=2&code=provider_content_filtered', 'provider_content_filtered', 'content_filter'],
  ['gpt-nobody-offers', 'provider_unknown_model', 'provider_failed'],
])('%s is not tried again', async (model, code, reason) => {
  const conversation = new Conversation(system.log)
  await conversation.ask(model)
  const answer = await conversation.closed()
  expect(faults(await conversation.events())).toEqual([])
  expect(answer).toMatchObject({ status: 'partial', reason, failures: [{ attempt: 1, error: { code } }] })
})

test('a model that does not know the text it is to go on after begins anew, and everybody is told', async () => {
  const model = 'demo/steady?tokens=20&seed=3'
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  await conversation.begun(model, ['Nobody ', 'ever ', 'said '])
  await conversation.publish()
  const answer = await conversation.closed()
  const events = await conversation.events()
  expect(faults(events)).toEqual([])
  expect(answer.status).toBe('complete')
  expect(shownText(events)).toBe(demoScript(model).join(''))
  expect(fieldsOf(events, 'generation.started', 'kept')).toEqual([[0], [17], [0]])
})

async function hasJob(conversation: Conversation): Promise<boolean> {
  const subject = system.log.subjects.work(conversation.ref, 'llm', conversation.message)
  const { state } = await system.bus.jsm.streams.info('WORK', { subjects_filter: subject })
  return Object.keys(state.subjects ?? {}).length > 0
}
