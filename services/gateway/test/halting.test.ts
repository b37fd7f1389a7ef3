import { newId } from '@spool/events'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { call, chainFault, startRun, Watcher } from './support/http.ts'
import { questionOf } from './support/question.ts'
import { startSystem, type System } from './support/system.ts'

let system: System
beforeAll(async () => {
  system = await startSystem()
})
afterAll(() => system?.stop())
afterEach(() => {
  system.orchestrator.afterwards = null
  system.orchestrator.terms = {}
})

const runs = (session: string) => `/v1/sessions/${session}/runs`
const NO_USAGE = { input_tokens: 0, output_tokens: 0 }

/** Ends, lets the next run begin, and remembers when it may. */
function remembering(how: 'memory.updated' | 'memory.failed', settle: Promise<void>) {
  system.orchestrator.terms = { memory: 'on' }
  system.orchestrator.afterwards = async (ref, run) => {
    const { orchestrator } = system
    await orchestrator.append(ref, 'run.completed', {
      run,
      status: 'done',
      usage: NO_USAGE,
      steps: 1,
      duration_ms: 1,
    })
    void settle.then(() => {
      if (how === 'memory.updated') return orchestrator.append(ref, how, { run, count: 0, memories: [] })
      return orchestrator.append(ref, how, { run, error: { code: 'provider_failed', message: 'The model is away.' } })
    })
  }
}

describe('a run that waits for a person', () => {
  const confirmation = 'q1'

  test('is told at once to whoever prefers to wait, with where to answer', async () => {
    system.orchestrator.afterwards = async (ref, run) => {
      await system.orchestrator.append(ref, 'confirmation.requested', questionOf(run, confirmation))
    }
    const session = newId()
    const startedAt = performance.now()
    const key = { 'idempotency-key': newId(), prefer: 'wait=60' }
    const { status, json, headers } = await call(system.url, runs(session), { body: { message: 'Go' }, headers: key })
    expect(performance.now() - startedAt).toBeLessThan(30_000)
    expect([status, headers['preference-applied']]).toEqual([202, 'wait=60'])
    const path = `/v1/sessions/${session}/confirmations/${confirmation}`
    expect(json).toMatchObject({ status: 'awaiting_confirmation', confirmation, links: { confirmation: path } })
    // Whoever follows from there sees the answer to it next.
    const stream = await Watcher.open(system.url, `/v1/sessions/${session}/events?after=${json['cursor'] as string}`)
    const run = json['run'] as string
    const ref = { tenant: 'default', session }
    await system.orchestrator.append(ref, 'confirmation.resolved', {
      run,
      confirmation,
      action: 'confirm',
      by: 'user',
      via: 'http',
    })
    await stream.untilType('confirmation.resolved')
    expect(stream.events).toHaveLength(1)
    stream.cut()
    // The same request again waits for the end now.
    const again = call(system.url, runs(session), { body: { message: 'Go' }, headers: key })
    await system.orchestrator.append(ref, 'run.completed', {
      run,
      status: 'done',
      usage: NO_USAGE,
      steps: 1,
      duration_ms: 1,
    })
    expect([(await again).status, (await again).json['status']]).toEqual([200, 'done'])
  })
})

describe('a run with memory', () => {
  test.each(['memory.updated', 'memory.failed'] as const)(
    'is answered at its end, and its stream goes on to %s and ends there',
    async (how) => {
      const settle = Promise.withResolvers<void>()
      remembering(how, settle.promise)
      const session = newId()
      const [stream, answer] = await Promise.all([
        startRun(system.url, session, { message: 'Hi' }),
        call(system.url, runs(newId()), { body: { message: 'Hi' }, headers: { prefer: 'wait=60' } }),
      ])
      expect([answer.status, answer.json['status']]).toEqual([200, 'done'])
      expect(answer.json['message']).toMatchObject({ text: 'Hello, world!', status: 'complete' })
      await stream.untilType('run.completed')
      const run = stream.headers['x-spool-run'] as string
      // The next message does not wait either, and its window is its own.
      system.orchestrator.terms = {}
      system.orchestrator.afterwards = null
      const next = await startRun(system.url, session, { message: 'And?' })
      await next.over
      expect(next.frames.at(-1)!.event).toBe('run.completed')
      settle.resolve()
      expect(await stream.over).toBe(true)
      expect(stream.events.at(-1)).toMatchObject({ type: how, run })
      expect(chainFault(stream.events)).toBeNull()
      const whole = await Watcher.open(system.url, `/v1/sessions/${session}/runs/${run}/events`)
      await whole.over
      expect(whole.events).toEqual(stream.events)
      const past = await call(system.url, `/v1/sessions/${session}/runs/${run}/events`, {
        headers: { 'last-event-id': stream.cursor, accept: 'text/event-stream' },
      })
      expect(past.status).toBe(204)
    },
  )
})
