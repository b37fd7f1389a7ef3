import { isDeepStrictEqual } from 'node:util'
import { type CallState, type RunState, runOf, type SessionState } from '@spool/events'
import type { Freeze, JudgedRun } from './judged.ts'

/** Each run is there once, whoever asked for it how often, and ended as the person wanted it. */
export function wrongRuns(runs: readonly JudgedRun[], state: SessionState, freezes: readonly Freeze[] = []): string[] {
  const faults = runs.flatMap((one) => wrongRun(one, state))
  const begun = new Set(runs.map(({ run }) => run))
  // Of those whose request nobody ever answered nobody knows the run.
  const unheard = new Set(runs.filter(({ run }) => run === '').map(({ key }) => key))
  for (const { id, key } of state.runs) {
    if (!begun.has(id) && !(key !== null && unheard.has(key))) faults.push(`nobody has begun the run ${id} (${key})`)
  }
  return [...faults, ...wrongFailures(state, freezes), ...repeated(state), ...unwanted(state)]
}

function wrongRun(played: JudgedRun, state: SessionState): string[] {
  const { plot, run: id, key, told = [] } = played
  const faults = [...played.faults]
  const others = new Set(told.filter((one) => one !== id))
  if (others.size > 0) faults.push(`${plot.kind}: one request was told of ${[id, ...others].join(' and ')}`)
  if (key !== undefined) {
    const same = state.runs.filter((run) => run.key === key)
    if (same.length > 1) faults.push(`${plot.kind}: the key ${key} began ${same.length} runs`)
    if (id !== '' && same[0]?.id !== id) faults.push(`${plot.kind}: the run ${id} is not that of the key ${key}`)
  }
  if (id === '') return [...faults, `${plot.kind}: nobody ever said which run it is`]
  return [...faults, ...wrongEnd(played, state)]
}

/** A run ends as the person wanted it; failures of single tools are told and no end. */
function wrongEnd({ plot, run: id, isInterrupted = false }: JudgedRun, state: SessionState): string[] {
  const { runs, questions, calls } = state
  const run = runs.find((one) => one.id === id)
  if (run === undefined) return [`the run ${id} is not there`]
  const asked = questions.filter((question) => question.run === id)
  const expected = hasNoProvider(run, state) ? endOf(run) : expectedEnd(run, asked.at(-1)?.resolution?.action)
  const faults = endOf(run) === expected ? [] : [`${plot.kind} ended as ${endOf(run)}, not as ${expected}`]
  const { reason } = run.cancelled ?? {}
  const isCut = reason === 'user' || reason === 'interrupted'
  const mayBeCut = reason === 'user' ? plot.cancelAfterMs !== null : isInterrupted
  if (isCut && !mayBeCut) faults.push(`${plot.kind} ended as ${endOf(run)}, and nobody wanted that`)
  const answers = plot.answers.map((answer) => answer?.action ?? 'timeout')
  const taken = asked.map(({ resolution }) => resolution?.action)
  if (!isCut && !isDeepStrictEqual(taken, answers)) faults.push(`${plot.kind}: the answers ${answers} became ${taken}`)
  const plan = asked.findLast(({ kind, resolution }) => kind === 'plan' && resolution?.action === 'confirm')
  if (plan === undefined || isCut) return faults
  const done = calls.filter((call) => call.run === id && call.firstSeq > plan.firstSeq)
  const tasks = plan.tasks.filter(({ tool }) => tool !== undefined)
  const failedAt = done.findIndex(({ status }) => status === 'failed')
  const due = (failedAt < 0 ? tasks : tasks.slice(0, failedAt + 1)).map(({ tool, input }) => [tool, input])
  const were = done.map(({ name, input }) => [name, input])
  if (!isDeepStrictEqual(were, due)) {
    faults.push(`${plot.kind}: agreed on ${JSON.stringify(due)}, done ${JSON.stringify(were)}`)
  }
  return faults
}

export function endOf({ status, cancelled, limit, error }: RunState): string {
  return [status, cancelled?.reason ?? limit ?? error?.code].filter(Boolean).join(' ')
}

/** The provider outside may fail; the demo's does not. */
function hasNoProvider({ id, status }: RunState, { messages }: SessionState): boolean {
  const last = messages.findLast(({ run, purpose }) => run === id && purpose === 'answer')
  return status === 'failed' && last?.reason === 'provider_failed' && last.provider !== 'demo'
}

function expectedEnd({ cancelRequested }: RunState, lastAnswer: string | undefined): string {
  const { reason } = cancelRequested ?? {}
  if (reason === 'user' || reason === 'interrupted') return `cancelled ${reason}`
  if (lastAnswer === 'cancel') return 'cancelled confirmation_cancelled'
  return lastAnswer === 'timeout' ? 'cancelled confirmation_timeout' : 'done'
}

/** All that was asked for can be done: what fails all the same must have a kill, or a person, to blame. */
const EXPECTED_FAILURES: ReadonlySet<string | undefined> = new Set([
  'cancelled',
  'tool_unknown_outcome',
  'tool_gave_up',
])

function wrongFailures({ calls }: SessionState, freezes: readonly Freeze[]): string[] {
  const isExpected = (call: CallState) =>
    EXPECTED_FAILURES.has(call.error?.code) || (call.error?.code === 'timed_out' && wasFrozen(call, freezes))
  const wrong = calls.filter((call) => call.status === 'failed' && !isExpected(call))
  return wrong.map((call) => `a call failed: ${JSON.stringify(call)}`)
}

/** Tools have 30 s each; so little is left of them for one whose program is woken then. */
const FROZEN_MS = 28_000

/** For so long that its time was over when the program that called it was woken. */
function wasFrozen({ worker, calledAt, endedAt }: CallState, freezes: readonly Freeze[]): boolean {
  const [begun, ended] = [Date.parse(calledAt), Date.parse(endedAt ?? '')]
  const overlap = ({ from, to }: Freeze) => Math.min(ended, to) - Math.max(begun, from)
  return freezes.some((freeze) => worker?.startsWith(`${freeze.instance}-`) === true && overlap(freeze) > FROZEN_MS)
}

/** Where the outside world does not count: an attempt is as much as an effect. */
function repeated(state: SessionState): string[] {
  return state.calls
    .filter(({ repeatable, attempt }) => !repeatable && attempt > 1)
    .map(({ name, id, attempt, run }) => {
      return `${name} ${id} of ${runOf(state, run)?.agent} must not be repeated and was begun ${attempt} times`
    })
}

/** Called is what a model has called, or a person has made of it; or it is a task of a plan. */
function unwanted({ calls, messages, questions }: SessionState): string[] {
  const wanted = new Map(messages.flatMap(({ toolCalls }) => toolCalls.map((one) => [one.call, one] as const)))
  return calls.flatMap(({ id, name, input, task }) => {
    if (task !== null) return []
    const changed = questions.findLast(({ call }) => call === id)?.resolution
    const due = changed?.action === 'modify' ? changed.input_after : wanted.get(id)?.input
    if (wanted.get(id)?.name === name && isDeepStrictEqual(input, due)) return []
    return [`${name} ${id} was called with ${JSON.stringify(input)}, which nobody wanted`]
  })
}
