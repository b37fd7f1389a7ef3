import { Worker } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MessageWriter } from '../src/generating/message-writer.ts'
import { demoScript } from '../src/providers/demo/demo-script.ts'
import { Conversation } from './support/conversation.ts'
import { System } from './support/system.ts'
import { until } from './support/until.ts'
import { faults, fieldsOf, shownText } from './support/verdict.ts'
import { draft } from '@spool/events'

let system: System
beforeAll(async () => {
  system = await System.start()
})
afterAll(() => system?.stop())

const model = 'demo/steady?tokens=40&seed=9'
const script = demoScript(model)

test('what a dead worker left is gone on with in mid-word, and the text is exactly what the model says', async () => {
  const proxy = await system.proxy()
  const whole = script.join('')
  for (const cut of [0, 1, 17, whole.length - 1, whole.length]) {
    const conversation = new Conversation(system.log)
    await conversation.request(model)
    await conversation.begun(model, cut === 0 ? [] : [whole.slice(0, cut)])
    await conversation.publish()
    const answer = await conversation.closed()
    const events = await conversation.events()
    expect(faults(events)).toEqual([])
    expect(answer.status).toBe('complete')
    expect(shownText(events)).toBe(whole)
    expect(fieldsOf(events, 'generation.started', 'reason', 'kept')).toEqual([
      ['first', 0],
      ['takeover', cut],
    ])
  }
  await proxy.stop()
})

test('a worker that died between any two of its appends leaves something that another can finish', async () => {
  const proxy = await system.proxy()
  const whole = new Conversation(system.log)
  await whole.ask(model)
  await whole.closed()
  const complete = await whole.events()
  const firstOfProxy = complete.findIndex((event) => event.type === 'message.started')
  for (let died = firstOfProxy; died <= complete.length; died += died < firstOfProxy + 4 ? 1 : 9) {
    const conversation = new Conversation(system.log)
    await conversation.request(model)
    for (const stored of complete.slice(firstOfProxy, died)) {
      const { v: _v, type: _type, at: _at, ...fields } = stored.event()! as unknown as Record<string, unknown>
      const own = { ...fields, run: conversation.run, message: conversation.message }
      await conversation.say(stored.type as 'text.delta', own as Parameters<typeof draft<'text.delta'>>[1])
    }
    await conversation.publish()
    await conversation.closed()
    const events = await conversation.events()
    expect(faults(events)).toEqual([])
    expect(shownText(events)).toBe(script.join(''))
  }
  await proxy.stop()
})

test('a job whose message is closed already is answered with what follows from it', async () => {
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  await conversation.begun(model, script)
  const { run, message } = conversation
  await conversation.say('message.completed', { run, message, status: 'complete', reason: 'stop' })
  const before = (await conversation.events()).length
  await conversation.publish()
  const proxy = await system.proxy()
  const next = system.log.subjects.work(conversation.ref, 'run', String((await conversation.events()).at(-1)!.seq))
  await until('the next step is asked for', async () => (await jobs()).includes(next))
  await until('the job is done', async () => !(await jobs()).includes(llmJob(conversation)))
  expect(await conversation.events()).toHaveLength(before)
  await proxy.stop()
})

test('the answer of a worker that is alive is left to it, and so is its job', async () => {
  const other = await system.otherLog()
  const worker = new Worker(other.bus, 'living')
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  await conversation.begun(model, script.slice(0, 3), worker.id)
  const subject = llmJob(conversation)
  worker.take({ subject, working: () => undefined } as Parameters<Worker['take']>[0])
  const proxy = await system.proxy()
  const before = (await conversation.events()).length
  let asked = 0
  const listening = system.bus.nc.subscribe(`alive.${worker.id}.>`, { callback: () => void asked++ })
  await conversation.publish()
  // Left to itself it comes back when the time to ack it is over.
  await until('it was asked twice', () => asked >= 2)
  expect(await conversation.events()).toHaveLength(before)
  expect(await jobs()).toContain(subject)
  worker.close()
  expect((await conversation.closed()).text).toBe(script.join(''))
  listening.unsubscribe()
  await proxy.stop()
}, 40_000)

test.each([
  ['and goes on to speak', 'demo/steady?tokens=1000&tps=20&seed=4'],
  ['and whose provider says nothing', 'demo/hang?after=4'],
])(
  'one that was superseded %s writes nothing and leaves the job to its successor',
  async (_, slow) => {
    const proxy = await system.proxy()
    const conversation = new Conversation(system.log)
    await conversation.ask(slow)
    await conversation.untilText(20)
    const { run, message } = conversation
    const successor = new Worker((await system.otherLog()).bus, 'successor')
    const subject = llmJob(conversation)
    successor.take({ subject, working: () => undefined } as Parameters<Worker['take']>[0])
    let appended = false
    while (!appended) {
      const state = await conversation.refresh()
      const writer = new MessageWriter(system.log, conversation.ref, state, message)
      const kept = [...writer.message.text].length
      const about = { run, message, provider: 'demo', model: slow, worker: successor.id }
      appended = await writer.append(draft('generation.started', { ...about, attempt: 2, reason: 'takeover', kept }))
      writer.close()
    }
    const after = (await conversation.events()).at(-1)!.seq
    const seen = new Promise<void>((resolve) => {
      system.bus.nc.subscribe(`alive.${successor.id}.>`, { max: 1, callback: () => resolve() })
    })
    // The fenced one has let go when the job is given out again, and its new taker asks the successor.
    await seen
    expect((await conversation.events()).at(-1)!.seq).toBe(after)
    expect(await jobs()).toContain(subject)
    successor.close()
    await proxy.stop()
  },
  40_000,
)

test('at shutdown an answer is handed over, in mid-answer and in the pause between two attempts', async () => {
  const first = await system.proxy()
  const streaming = new Conversation(system.log)
  const pausing = new Conversation(system.log)
  const hanging = new Conversation(system.log)
  const slow = 'demo/steady?tokens=60&tps=40&seed=5'
  const failing = 'demo/fail?after=3&once=1&tokens=12&code=provider_rate_limited'
  await Promise.all([streaming.ask(slow), hanging.ask('demo/hang?after=2')])
  await streaming.untilText(30)
  await hanging.untilText(2)
  await pausing.ask(failing)
  await until('the pause', async () => {
    await pausing.refresh()
    return pausing.answer.failures.length === 1
  })
  const second = await system.proxy()
  await first.stop()
  expect((await streaming.closed()).text).toBe(demoScript(slow).join(''))
  expect((await pausing.closed()).text).toBe(demoScript(failing).join(''))
  await hanging.refresh()
  await until('the new one has it', async () => (await hanging.refresh(), hanging.answer.attempt === 2))
  await hanging.cancel()
  expect((await hanging.closed()).reason).toBe('cancelled')
  for (const conversation of [streaming, pausing, hanging]) expect(faults(await conversation.events())).toEqual([])
  await second.stop()
})

test('at shutdown a job is handed over also while its last worker is still asked for', async () => {
  const conversation = new Conversation(system.log)
  await conversation.request(model)
  await conversation.begun(model, script.slice(0, 3), 'silent-worker')
  const asked = new Promise<void>((resolve) => {
    system.bus.nc.subscribe('alive.silent-worker.>', { max: 1, callback: () => resolve() })
  })
  await conversation.publish()
  // Long enough for a second question, which finds nobody: then it pauses before it asks again.
  const first = await system.proxy({ SPOOL_DRAIN_MS: '700' })
  await asked
  const linesBefore = system.lines.length
  await first.stop()
  expect(system.lines.slice(linesBefore).filter((line) => line.includes('failed'))).toEqual([])
  const second = await system.proxy()
  expect((await conversation.closed()).text).toBe(script.join(''))
  await second.stop()
})

const llmJob = ({ ref, message }: Conversation) => system.log.subjects.work(ref, 'llm', message)

async function jobs(): Promise<string[]> {
  const { state } = await system.bus.jsm.streams.info('WORK', { subjects_filter: 'work.>' })
  return Object.keys(state.subjects ?? {})
}
