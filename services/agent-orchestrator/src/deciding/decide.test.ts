import { type SessionState, draft, newId, pending, runOf } from '@spool/events'
import type { ConfirmRequest, RunRequest } from '@spool/log'
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

  test('fails in words for people when the answer could not be finished; those of the provider are in its attempts', () => {
    const played = new PlayedSession()
    played.start('r1')
    played.stream('hi')
    const { id } = played.state.messages[1]!
    const error = { code: 'provider_unreachable', message: 'Nobody answers at that address.' }
    played.append(draft('generation.failed', { run: 'r1', message: id, attempt: 1, error }, played.now))
    played.close('partial', 'provider_failed')
    played.work()
    expect(runOf(played.state, 'r1')).toMatchObject({
      status: 'failed',
      error: { code: error.code, message: expect.stringContaining('Your message is kept'), retryable: true },
      attempts: [{ error }],
    })
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
  const agent = fc.constantFrom('demo', 'tools', 'asks', 'plans', 'remembers', 'limited')
  const busy = fc.constantFrom('enqueue', 'reject', 'interrupt')
  const called = fc.record({
    name: fc.constantFrom('look', 'search', 'send', 'shell', 'fly', 'propose_plan'),
    input: fc.constantFrom({}, { wrong: 1 }, 'no object', PLAN, { tasks: [] }, { tasks: [{ description: 'Rest' }] }),
  })
  const action = fc.oneof(
    fc.record({ do: fc.constant('start' as const), run, busy, agent, diesAfter: fc.nat(6) }),
    fc.record({ do: fc.constant('cancel' as const), run, diesAfter: fc.nat(4) }),
    fc.record({ do: fc.constant('work' as const), diesAfter: fc.nat(4) }),
    fc.record({ do: fc.constant('stream' as const) }),
    fc.record({ do: fc.constant('close' as const), how: fc.constantFrom('stop', 'provider_failed', 'cancelled') }),
    fc.record({ do: fc.constant('call' as const), calls: fc.array(called, { minLength: 1, maxLength: 4 }) }),
    fc.record({ do: fc.constant('propose' as const) }),
    fc.record({ do: fc.constantFrom('begin tool' as const, 'end tool' as const, 'fail tool' as const) }),
    fc.record({
      do: fc.constant('answer' as const),
      action: fc.constantFrom('confirm' as const, 'modify' as const, 'cancel' as const),
      more: fc.constantFrom({}, { message: 'shorter' }, { input: {} }, { input: { wrong: 1 } }, { hash: 'other' }),
      question: fc.constantFrom('open', 'open', 'open', 'earlier', 'none'),
      diesAfter: fc.nat(4),
    }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(100, 600, 13_000, 301_000, 700_000) }),
  )
  fc.assert(
    fc.property(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), (actions) => {
      const played = new PlayedSession()
      for (const one of actions) {
        switch (one.do) {
          case 'start':
            startOrDie(played, one.run, one.agent, one.busy as RunRequest['when_busy'], one.diesAfter)
            break
          case 'cancel':
            played.step(
              { kind: 'cancel', request: { request: 'c', run: one.run, by: 'u', reason: 'user' } },
              one.diesAfter,
            )
            break
          case 'work':
            if (one.diesAfter === 0) expectNoJobForItself(played)
            else played.step({ kind: 'work' }, one.diesAfter)
            break
          case 'stream':
            played.stream('word ')
            break
          case 'close':
            played.close(one.how === 'stop' ? 'complete' : 'partial', one.how)
            break
          case 'call':
            played.stream('')
            played.close('complete', 'tool_calls', one.calls)
            break
          case 'propose':
            if (played.open()?.request?.tools?.[0]?.name === 'propose_plan') played.propose(...PLAN.tasks)
            break
          case 'begin tool':
            played.beginTool()
            break
          case 'end tool':
            played.endTool('done')
            break
          case 'fail tool':
            played.failTool()
            break
          case 'answer':
            answerOrDie(played, one)
            break
          case 'wait':
            played.nowMs += one.ms
        }
        expectNobodyForgotten(played.state)
        expectNothingDoneUnasked(played)
      }
      finish(played)
      expectNothingDoneUnasked(played)
    }),
    { numRuns: 600 },
  )
})

const PLAN = {
  tasks: [
    { description: 'Look', tool: 'look', input: {} },
    { description: 'Send', tool: 'send' },
  ],
}

/** Its request comes again where the one who took it died. */
function startOrDie(
  played: PlayedSession,
  run: string,
  agent: string,
  when_busy: RunRequest['when_busy'],
  diesAfter: number,
): void {
  const trigger = { kind: 'start', request: request(run, played.now, { when_busy, agent }) } as const
  if (diesAfter < 6) played.step(trigger, diesAfter)
  played.step({ ...trigger, redelivered: diesAfter < 6 })
}

function answerOrDie(
  played: PlayedSession,
  answer: {
    action: 'confirm' | 'modify' | 'cancel'
    more: Partial<ConfirmRequest>
    question: string
    diesAfter: number
  },
): void {
  const { question, questions } = played.state
  const confirmation = (answer.question === 'open' ? question?.id : questions.at(-1)?.id) ?? 'none'
  const about = { request: newId(), confirmation, by: 'ada', via: 'http', action: answer.action, ...answer.more }
  played.step({ kind: 'confirm', request: about }, answer.diesAfter)
  played.step({ kind: 'confirm', request: about })
}

/** What must be agreed to first was agreed to, exactly as it was done. */
function expectNothingDoneUnasked({ state }: PlayedSession): void {
  for (const call of state.calls) {
    if (call.attempt === 0) continue
    const plans = runOf(state, call.run)?.confirmation?.mode === 'plan'
    const mustAsk = plans || call.name === 'shell' || (call.name === 'send' && runOf(state, call.run)?.agent === 'asks')
    if (!mustAsk) continue
    const agreed = state.questions.filter(
      ({ resolution }) => resolution?.action === 'confirm' || resolution?.input_after != null,
    )
    const tasks = agreed.flatMap((question) =>
      question.tasks.map((task) => ({ tool: task.tool, input: question.resolution?.input_after ?? task.input })),
    )
    expect(tasks).toContainEqual({ tool: call.name, input: call.input })
  }
}

/** A step's own job, asked for by the step, is refused as a double and then done with: it would be lost. */
function expectNoJobForItself(played: PlayedSession): void {
  const ownKeys = runJobs(played.state)
  played.work()
  // A cancel that waits for whoever is at work is seen through by the one who took the step.
  if (runOf(played.state, played.state.activeRun)?.cancelRequested != null) return
  expect(runJobs(played.state).filter((key) => ownKeys.includes(key))).toEqual([])
}

function runJobs(state: SessionState): string[] {
  return pending(state)
    .filter(({ kind }) => kind === 'run')
    .map(({ key }) => key)
}

/** A run that is open has a job that will bring it on, waits for a person, or waits behind one that does. */
function expectNobodyForgotten(state: SessionState): void {
  const open = state.runs.filter((run) => run.endedSeq === null)
  if (open.length > 0 && state.question === null) expect(pending(state).length).toBeGreaterThan(0)
  expect(open.filter((run) => run.status === 'active').length).toBeLessThanOrEqual(1)
  // A question always is that of the active run, and has a time at which it ends by itself.
  if (state.question !== null) expect(state.question.run).toBe(state.activeRun)
}

/** With a model that answers, tools that work, a person who says yes and steps that are taken, everything ends. */
function finish(played: PlayedSession): void {
  for (let round = 0; round < 40 && played.state.runs.some((run) => run.lastSeq === null); round++) {
    played.stream('end')
    played.close('complete', 'stop')
    played.workTools()
    if (played.state.question !== null) played.confirm('confirm')
    played.nowMs += round < 20 ? 600 : 13_000
    played.work()
  }
  expect(played.state.runs.filter((run) => run.lastSeq === null)).toEqual([])
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

describe('a session whose history is being brought in', () => {
  const imported = { from_tenant: 'default', from_session: 'one' }

  test('is not worked for, whatever its history has open and however long ago; requests wait for the end', () => {
    const played = new PlayedSession()
    played.append(draft('session.imported', { ...imported, importing: true }, played.now))
    const limits = { wall_clock_seconds: 1 }
    played.brought(draft('run.started', { run: 'r1', kind: 'agent', agent: 'default', limits }, new Date(0)))
    const before = played.state
    expect(played.work()).toEqual({ kind: 'nothing' })
    for (const decision of [played.start('r1'), played.start('r2'), played.cancel('r1'), played.confirm('confirm')]) {
      expect(decision).toMatchObject({ kind: 'refuse', refusal: { code: 'session_being_copied' } })
    }
    const impatient = played.start('r3', { when_busy: 'reject' })
    expect(impatient).toMatchObject({ kind: 'refuse', refusal: { code: 'session_busy' } })
    expect(played.state).toBe(before)
    played.append(draft('session.imported', imported, played.now))
    played.work()
    expect(runOf(played.state, 'r1')?.status).not.toBe('active')
  })
})
