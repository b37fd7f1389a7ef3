import { type SessionState, draft, pending, runOf } from '@spool/events'
import type { RunRequest } from '@spool/log'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PlayedSession, request, START } from '../../test/support/played-session.ts'

describe('a run', () => {
  test('begins with its start, the message and the request for an answer, and then waits for the model', () => {
    const played = new PlayedSession()
    played.start('r1')
    expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
    expect(pending(played.state)).toEqual([{ kind: 'llm', key: played.state.messages[1]!.id }])
  })

  test('ends when its answer is complete', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('hi')
    played.close('complete', 'stop')
    played.work()
    expect(played.types().at(-1)).toBe('run.completed')
    expect(runOf(played.state, 'r1')?.status).toBe('done')
    expect(pending(played.state)).toEqual([])
  })

  test('fails with the reason of its provider when the answer could not be finished', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('hi')
    const { id } = played.state.messages[1]!
    const error = { code: 'provider_unreachable', message: 'Nobody answers at that address.' }
    played.append(draft('generation.failed', { run: 'r1', message: id, attempt: 1, error }, played.now))
    played.close('partial', 'provider_failed')
    played.work()
    expect(runOf(played.state, 'r1')).toMatchObject({ status: 'failed', error: { ...error, retryable: true } })
  })

  test('whose every way failed lists them all, and says whether sending it again may help', () => {
    expect(runThatFailed('provider_refused').error).toMatchObject({ code: 'provider_refused', retryable: false })
    expect(runThatFailed('provider_refused', 'provider_quota_exhausted').error).toMatchObject({ retryable: false })
    expect(runThatFailed('provider_unavailable', 'provider_refused').error).toMatchObject({ retryable: true })
    expect(runThatFailed('provider_unavailable', 'provider_bad_request').error).toMatchObject({ retryable: false })
    expect(runThatFailed('provider_unavailable', 'provider_refused').attempts).toMatchObject([
      { error: { code: 'provider_unavailable' } },
      { provider: 'p', model: 'm2', error: { code: 'provider_refused' } },
    ])
  })

  test('that is started twice by a redelivered request is started once', () => {
    const played = new PlayedSession()
    played.start('r1')
    const before = played.events.length
    expect(played.start('r1').kind).toBe('nothing')
    expect(played.events.length).toBe(before)
  })

  test('whose starter died after any of its appends is completed by the next delivery', () => {
    const whole = new PlayedSession()
    whole.start('r1')
    for (let survived = 0; survived < whole.events.length; survived++) {
      const played = new PlayedSession()
      for (const event of whole.events.slice(0, survived)) played.append(event)
      played.start('r1')
      expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
    }
  })

  test('over its time limit is cancelled with that reason', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('hi')
    played.nowMs += 601_000
    played.work()
    expect(played.events.at(-1)).toMatchObject({ type: 'run.cancel_requested', reason: 'time_limit' })
  })

  test('with an unknown agent or model is refused, and the log hears of it only when the caller no longer waits', () => {
    const played = new PlayedSession()
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
    const played = new PlayedSession()
    played.start('r1', { key: 'k', body_hash: 'h', message: 'm1' })
    played.start('r1', { key: 'k', body_hash: 'h', message: 'm2' })
    expect(played.types()).toEqual(['run.started', 'message.added', 'message.requested'])
  })

  test('with another body is refused', () => {
    const played = new PlayedSession()
    played.start('r1', { key: 'k', body_hash: 'h' })
    expect(played.start('r1', { key: 'k', body_hash: 'other' })).toMatchObject({ refusal: { status: 422 } })
  })
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
      const played = new PlayedSession()
      for (const one of actions) {
        if (one.do === 'start') played.start(one.run, { when_busy: one.busy as RunRequest['when_busy'] })
        else if (one.do === 'cancel') played.cancel(one.run)
        else if (one.do === 'work') expectNoJobForItself(played)
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

/** A step's own job, asked for by the step, is refused as a double and then done with: it would be lost. */
function expectNoJobForItself(played: PlayedSession): void {
  const ownKeys = runJobs(played.state)
  played.work()
  // A cancel that waits for whoever streams is seen through by the one who took the step.
  if (runOf(played.state, played.state.activeRun)?.cancelRequested != null) return
  expect(runJobs(played.state).filter((key) => ownKeys.includes(key))).toEqual([])
}

function runJobs(state: SessionState): string[] {
  return pending(state)
    .filter(({ kind }) => kind === 'run')
    .map(({ key }) => key)
}

/** A run that is open has a job that will bring it on, or waits behind one that has. */
function expectNobodyForgotten(state: SessionState): void {
  const open = state.runs.filter((run) => run.endedSeq === null)
  if (open.length > 0) expect(pending(state).length).toBeGreaterThan(0)
  expect(open.filter((run) => run.status === 'active').length).toBeLessThanOrEqual(1)
}

/** With a model that answers and steps that are taken, everything comes to its end. */
function finish(played: PlayedSession): void {
  for (let round = 0; round < 20 && played.state.runs.some((run) => run.endedSeq === null); round++) {
    played.stream('end')
    played.close('complete', 'stop')
    played.nowMs += 600
    played.work()
  }
  expect(played.state.runs.filter((run) => run.endedSeq === null)).toEqual([])
}

/** A run of which each attempt at the answer failed so, the next one on another route. */
function runThatFailed(...codes: string[]) {
  const played = new PlayedSession()
  played.start('r1')
  played.stream('')
  const { id } = played.state.messages[1]!
  for (const [index, code] of codes.entries()) {
    const about = { run: 'r1', message: id, attempt: index + 1 }
    const by = { ...about, worker: 'w', provider: 'p', model: `m${index + 1}`, reason: 'failover', kept: 0 } as const
    if (index > 0) played.append(draft('generation.started', by, played.now))
    played.append(draft('generation.failed', { ...about, error: { code, message: code } }, played.now))
  }
  played.close('partial', 'provider_failed')
  played.work()
  return runOf(played.state, 'r1')!
}
