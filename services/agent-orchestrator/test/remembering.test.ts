import { draft, encodeEvent, type EventFields, type EventType, newId, type SpoolEvent } from '@spool/events'
import { ChainWriter, publishJob, type SessionRef } from '@spool/log'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Deployment, eventually, newSession } from './support/deployment.ts'

let spool: Deployment
beforeAll(async () => {
  spool = await Deployment.start()
  await Promise.all([spool.run('agent-orchestrator'), spool.run('agent-orchestrator')])
})
afterAll(() => spool.stop())

const usage = { input_tokens: 3, output_tokens: 2, cached_tokens: 0, reasoning_tokens: 0 }

/** A session with a run that has ended; then the model, or whoever plays it, says what is worth remembering. */
class Played {
  readonly ref: SessionRef = newSession()
  readonly run = newId()
  private readonly writer = new ChainWriter(spool.log, this.ref, 0)

  async say<Type extends EventType>(type: Type, fields: EventFields<Type>): Promise<void> {
    const body = encodeEvent(draft(type, fields) as SpoolEvent)
    for (const event = { id: newId(), type, body }; (await this.writer.append(event)).outcome !== 'stored';);
  }

  async answer(run: string, text: string, purpose: 'answer' | 'memory'): Promise<void> {
    const about = { run, message: newId() }
    const model = { provider: 'demo', model: 'demo' }
    await this.say('message.requested', { ...about, purpose, model: 'demo' })
    await this.say('message.started', { ...about, role: 'assistant', purpose, ...model })
    await this.say('generation.started', { ...about, attempt: 1, worker: 'w', ...model, reason: 'first', kept: 0 })
    await this.say('text.delta', { ...about, sequence: 1, text })
    await this.say('message.completed', { ...about, status: 'complete', reason: 'stop', usage })
  }

  async found(facts: string[]): Promise<void> {
    const { run } = this
    await this.say('run.started', { run, kind: 'agent', agent: 'demo', memory: 'on', user: 'ada' })
    await this.answer(run, 'Hi', 'answer')
    await this.say('run.completed', { run, status: 'done', usage, steps: 1, duration_ms: 1 })
    await this.answer(run, JSON.stringify({ facts }), 'memory')
  }

  async take(): Promise<void> {
    await publishJob(spool.log, this.ref, { kind: 'memory', key: this.run })
  }

  async told(): Promise<(SpoolEvent | null)[]> {
    const events = (await spool.chain(this.ref)).filter(({ type }) => type.startsWith('memory.'))
    return events.map((stored) => stored.event())
  }

  async settled(): Promise<(SpoolEvent | null)[]> {
    await eventually(async () => (await this.told()).at(-1)?.type === 'memory.updated', 'the memory is settled')
    return this.told()
  }
}

test('what a model found is told, without what is known and under the id of what it brings up to date', async () => {
  const known = 'The user has an appointment with the dentist in Berlin on Monday'
  spool.archive.memories = [
    { id: 'known-1', text: 'The user likes tea' },
    { id: 'known-2', text: known },
  ]
  const session = new Played()
  const moved = known.replace('Monday', 'Tuesday')
  await session.found(['the user likes TEA.', moved, 'The user has a dog', 'The user has a dog!'])
  await session.take()
  expect(await session.settled()).toMatchObject([
    { type: 'memory.progress', found: 2 },
    {
      type: 'memory.updated',
      count: 2,
      memories: [{ id: 'known-2', text: moved }, { text: 'The user has a dog' }],
      usage,
    },
  ])
  expect(await spool.faults(session.ref)).toEqual([])
  spool.archive.memories = []
})

test('a run’s memory is told once, however often its job is given out, also while the next run streams', async () => {
  const session = new Played()
  await session.found(['The user has a dog'])
  const next = newId()
  await session.say('run.started', { run: next, kind: 'agent', agent: 'demo' })
  const about = { run: next, message: newId() }
  const model = { provider: 'demo', model: 'demo' }
  await session.say('message.requested', { ...about, purpose: 'answer', model: 'demo' })
  await session.say('message.started', { ...about, role: 'assistant', purpose: 'answer', ...model })
  await session.say('generation.started', { ...about, attempt: 1, worker: 'w', ...model, reason: 'first', kept: 0 })
  const streaming = (async () => {
    for (let sequence = 1; sequence <= 200; sequence++) {
      await session.say('text.delta', { ...about, sequence, text: 'word ' })
    }
  })()
  for (let round = 0; round < 20; round++) await session.take()
  expect((await session.settled()).map((event) => event!.type)).toEqual(['memory.progress', 'memory.updated'])
  await streaming
  await session.take()
  await eventually(
    async () =>
      (await spool.bus.jsm.streams.info('WORK', { subjects_filter: 'work.memory.>' })).state.subjects === undefined,
    'nothing is left to take up',
  )
  expect(await session.told()).toHaveLength(2)
})

test('nothing worth remembering is told, too, and what is there stays while nobody knows what is', async () => {
  const session = new Played()
  await session.found([])
  const blind = new Played()
  await blind.found(['The user has a dog'])
  await session.take()
  expect(await session.settled()).toMatchObject([{ type: 'memory.updated', count: 0, memories: [] }])
  spool.archive.away = true
  await blind.take()
  expect(await blind.settled()).toMatchObject([{}, { memories: [{ text: 'The user has a dog' }] }])
  spool.archive.away = false
})
