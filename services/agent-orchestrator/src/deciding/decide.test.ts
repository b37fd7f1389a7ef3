import { type SessionState, type SpoolEvent, draft, emptySession, fold, newId, pending, runOf } from '@spool/events'
import type { RunRequest } from '@spool/log'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { builtInAgents } from '../agents/agents.ts'
import { decide } from './decide.ts'
import type { Decision, Trigger } from './decision.ts'

const agents = builtInAgents({ hasProvider: false, wallClockSeconds: 600 })
const START = Date.parse('2026-01-01T00:00:00.000Z')

/** A session played without a server: events get positions as they come. */
class Played {
  state: SessionState = emptySession()
  readonly events: SpoolEvent[] = []
  nowMs = START

  get now(): Date {
    return new Date(this.nowMs)
  }

  append(event: SpoolEvent): void {
    this.events.push(event)
    this.state = fold(this.state, { seq: this.state.seq + 3, event })
  }

  /** One step, as the orchestrator takes it. Fails when it does not come to an end. */
  step(trigger: Trigger): Decision {
    for (let appended = 0; appended < 30; appended++) {
      const decision = decide(this.state, trigger, { now: this.now, newId, agents })
      if (decision.kind !== 'append') return decision
      this.append(decision.event)
    }
    throw new Error('a step that never comes to an end')
  }

  start(run: string, more: Partial<RunRequest> = {}): Decision {
    return this.step({ kind: 'start', request: request(run, this.now, more) })
  }

  cancel(run: string): Decision {
    return this.step({ kind: 'cancel', request: { request: newId(), run, by: 'user', reason: 'user' } })
  }

  work(): Decision {
    return this.step({ kind: 'work' })
  }

  /** What a proxy would do for the message that is wanted from a model. */
  stream(text: string): void {
    const message = this.open()
    if (message === undefined) return
    const { id, run } = message
    if (message.status === 'requested') {
      const started = { run: run!, message: id, role: 'assistant' as const, purpose: 'answer' as const }
      this.append(draft('message.started', { ...started, provider: 'demo', model: 'demo' }, this.now))
      const generation = { attempt: 1, worker: 'w', provider: 'demo', model: 'demo', reason: 'first' as const, kept: 0 }
      this.append(draft('generation.started', { run: run!, message: id, ...generation }, this.now))
    }
    const sequence = this.open()!.sequences.text + 1
    this.append(draft('text.delta', { run: run!, message: id, sequence, text }, this.now))
  }

  close(status: 'complete' | 'partial', reason: string): void {
    const message = this.open()
    if (message === undefined || message.status === 'requested') return
    this.append(draft('message.completed', { run: message.run!, message: message.id, status, reason }, this.now))
  }

  types(): string[] {
    return this.events.map((event) => event.type)
  }

  private open() {
    return this.state.messages.findLast((one) => one.status === 'requested' || one.status === 'streaming')
  }
}

function request(run: string, at: Date, more: Partial<RunRequest>): RunRequest {
  const id = `${run}-message`
  const parts = [{ type: 'text' as const, text: `hello from ${run}` }]
  const base = { request: newId(), run, message: id, parts, at: at.toISOString() }
  return { ...base, when_busy: 'enqueue', on_disconnect: 'continue', ...more }
}

describe('a run', () => {
  test('begins with its start, the message and the request for an answer, and then waits for the model', () => {
    const played = new Played()
    played.start('r1')
    expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
    expect(pending(played.state)).toEqual([{ kind: 'llm', key: played.state.messages[1]!.id }])
  })

  test('ends when its answer is complete', () => {
    const played = new Played()
    played.start('r1')
    played.stream('hi')
    played.close('complete', 'stop')
    played.work()
    expect(played.types().at(-1)).toBe('run.completed')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
    expect(pending(played.state)).toEqual([])
  })

  test('fails with the reason of its provider when the answer could not be finished', () => {
    const played = new Played()
    played.start('r1')
    played.stream('hi')
    const { id } = played.state.messages[1]!
    const error = { code: 'provider_unreachable', message: 'Nobody answers at that address.' }
    played.append(draft('generation.failed', { run: 'r1', message: id, attempt: 1, error }, played.now))
    played.close('partial', 'provider_failed')
    played.work()
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'failed', error })
  })

  test('that is started twice by a redelivered request is started once', () => {
    const played = new Played()
    played.start('r1')
    const before = played.events.length
    expect(played.start('r1').kind).toBe('nothing')
    expect(played.events.length).toBe(before)
  })

  test('whose starter died after any of its appends is completed by the next delivery', () => {
    const whole = new Played()
    whole.start('r1')
    for (let survived = 0; survived < whole.events.length; survived++) {
      const played = new Played()
      for (const event of whole.events.slice(0, survived)) played.append(event)
      played.start('r1')
      expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
    }
  })

  test('over its time limit is cancelled with that reason', () => {
    const played = new Played()
    played.start('r1')
    played.stream('hi')
    played.nowMs += 601_000
    played.work()
    expect(played.events.at(-1)).toMatchObject({ type: 'run.cancel_requested', reason: 'time_limit' })
  })

  test('with an unknown agent or model is refused, and the log hears of it only when the caller no longer waits', () => {
    const played = new Played()
    expect(played.start('r1', { agent: 'nobody' })).toMatchObject({ kind: 'refuse', refusal: { status: 400 } })
    expect(played.start('r1', { model: 'gpt-99' })).toMatchObject({ refusal: { code: 'unknown_model' } })
    expect(played.events).toEqual([])
    const late = request('r2', new Date(START - 5000), { agent: 'nobody' })
    const refusal = played.step({ kind: 'start', request: late })
    expect(refusal).toMatchObject({ kind: 'refuse', refusal: { status: 400, code: 'unknown_agent' } })
    expect(played.types()).toEqual(['run.failed'])
  })
})

describe('an idempotency key', () => {
  test('starts nothing twice, whatever ids the second request brings', () => {
    const played = new Played()
    played.start('r1', { key: 'k', body_hash: 'h', message: 'm1' })
    played.start('r1', { key: 'k', body_hash: 'h', message: 'm2' })
    expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
  })

  test('with another body is refused', () => {
    const played = new Played()
    played.start('r1', { key: 'k', body_hash: 'h' })
    expect(played.start('r1', { key: 'k', body_hash: 'other' })).toMatchObject({ refusal: { status: 422 } })
  })
})

describe('a busy session', () => {
  test('queues by default and starts what waits, in order, each after the one before', () => {
    const played = new Played()
    for (const run of ['r1', 'r2', 'r3']) played.start(run)
    expect(played.types().slice(3)).toEqual(['run.queued', 'run.queued'])
    for (const run of ['r1', 'r2', 'r3']) {
      expect(played.state.activeRun).toBe(run)
      played.stream('hi')
      played.close('complete', 'stop')
      played.work()
    }
    expect(played.state.runs.map((run) => run.status)).toEqual(['done', 'done', 'done'])
    const users = played.state.messages.filter((message) => message.role === 'user')
    expect(users.map((message) => message.text)).toEqual(['r1', 'r2', 'r3'].map((run) => `hello from ${run}`))
  })

  test('refuses with reject', () => {
    const played = new Played()
    played.start('r1')
    const refusal = { status: 409, code: 'session_busy' }
    expect(played.start('r2', { when_busy: 'reject' })).toMatchObject({ kind: 'refuse', refusal })
  })

  test('with interrupt cancels what runs and then starts the new one', () => {
    const played = new Played()
    played.start('r1')
    played.stream('half an ans')
    played.start('r2', { when_busy: 'interrupt' })
    expect(played.types().slice(-2)).toEqual(['run.queued', 'run.cancel_requested'])
    played.close('partial', 'cancelled')
    played.work()
    expect(played.types().slice(-4)).toEqual(['run.cancelled', 'run.started', 'message.added', 'message.requested'])
  })
})

describe('a cancel', () => {
  test('before anybody streams closes the message at once', () => {
    const played = new Played()
    played.start('r1')
    played.cancel('r1')
    expect(played.types().slice(-3)).toEqual(['run.cancel_requested', 'message.completed', 'run.cancelled'])
  })

  test('gives the one who streams half a second to close the message, then closes it', () => {
    const played = new Played()
    played.start('r1')
    played.stream('hi')
    played.cancel('r1')
    expect(played.types().at(-1)).toBe('run.cancel_requested')
    played.nowMs += 499
    expect(played.work().kind).toBe('nothing')
    played.nowMs += 1
    played.work()
    expect(played.types().slice(-2)).toEqual(['message.completed', 'run.cancelled'])
    expect(played.state.messages[1]).toMatchObject({ status: 'partial', reason: 'cancelled', text: 'hi' })
  })

  test('again changes nothing; of a run that ended otherwise it is a conflict; of no run it is unknown', () => {
    const played = new Played()
    played.start('r1')
    played.cancel('r1')
    const before = played.events.length
    expect(played.cancel('r1').kind).toBe('nothing')
    expect(played.events.length).toBe(before)
    played.start('r2')
    played.stream('hi')
    played.close('complete', 'stop')
    played.work()
    expect(played.cancel('r2')).toMatchObject({ refusal: { status: 409, code: 'run_ended' } })
    expect(played.cancel('r9')).toMatchObject({ refusal: { status: 404, code: 'unknown_run' } })
  })

  test('of a run that still waits in the queue ends it without a start', () => {
    const played = new Played()
    played.start('r1')
    played.start('r2')
    played.cancel('r2')
    expect(runOf(played.state, 'r2')).toMatchObject({ status: 'cancelled', startedSeq: null })
    expect(played.state.activeRun).toBe('r1')
  })
})

test('a step that was tried too often ends its run and keeps what was written', () => {
  const played = new Played()
  played.start('r1')
  played.stream('hi')
  played.step({ kind: 'give-up' })
  expect(played.types().slice(-2)).toEqual(['message.completed', 'run.failed'])
  expect(played.state.messages[1]).toMatchObject({ text: 'hi', status: 'partial' })
})

test('whatever happens in whatever order, every run waits for somebody or has ended', () => {
  const run = fc.constantFrom('r1', 'r2', 'r3')
  const action = fc.oneof(
    fc.record({ do: fc.constant('start' as const), run, busy: fc.constantFrom('enqueue', 'reject', 'interrupt') }),
    fc.record({ do: fc.constant('cancel' as const), run }),
    fc.record({ do: fc.constant('work' as const) }),
    fc.record({ do: fc.constant('stream' as const) }),
    fc.record({ do: fc.constant('close' as const), how: fc.constantFrom('stop', 'provider_failed', 'cancelled') }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 600, 700_000) }),
  )
  fc.assert(
    fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
      const played = new Played()
      for (const one of actions) {
        if (one.do === 'start') played.start(one.run, { when_busy: one.busy as RunRequest['when_busy'] })
        else if (one.do === 'cancel') played.cancel(one.run)
        else if (one.do === 'work') played.work()
        else if (one.do === 'stream') played.stream('word ')
        else if (one.do === 'close') played.close(one.how === 'stop' ? 'complete' : 'partial', one.how)
        else played.nowMs += one.ms
        expectNobodyForgotten(played.state)
      }
      finish(played)
    }),
    { numRuns: 500 },
  )
})

/** A run that is open has a job that will bring it on, or waits behind one that has. */
function expectNobodyForgotten(state: SessionState): void {
  const open = state.runs.filter((run) => run.endedSeq === null)
  if (open.length > 0) expect(pending(state).length).toBeGreaterThan(0)
  expect(open.filter((run) => run.status === 'active').length).toBeLessThanOrEqual(1)
}

/** With a model that answers and steps that are taken, everything comes to its end. */
function finish(played: Played): void {
  for (let round = 0; round < 20 && played.state.runs.some((run) => run.endedSeq === null); round++) {
    played.stream('end')
    played.close('complete', 'stop')
    played.nowMs += 600
    played.work()
  }
  expect(played.state.runs.filter((run) => run.endedSeq === null)).toEqual([])
}
