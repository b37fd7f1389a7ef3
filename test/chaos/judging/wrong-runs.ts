import { isDeepStrictEqual } from 'node:util'
import { type RunState, runOf, type SessionState } from '@spool/events'
import { type Disturbance, hurts, isBlamed, isOfProvider } from './blame.ts'
import type { JudgedRun } from './judged.ts'
import { undone } from './undone.ts'
import { unlikeSaid } from './unlike-said.ts'
import { wrongFailures } from './wrong-failures.ts'

/** Each run is there once, whoever asked for it how often, and ended as the person wanted it. */
export function wrongRuns(
  runs: readonly JudgedRun[],
  state: SessionState,
  disturbances: readonly Disturbance[] = [],
): string[] {
  const faults = runs.flatMap((one) => wrongRun(one, state, disturbances))
  const begun = new Set(runs.map(({ run }) => run))
  // Of those whose request nobody ever answered nobody knows the run.
  const unheard = new Set(runs.filter(({ run }) => run === '').map(({ key }) => key))
  for (const { id, key } of state.runs) {
    if (!begun.has(id) && !(key !== null && unheard.has(key))) faults.push(`nobody has begun the run ${id} (${key})`)
  }
  return [...faults, ...undone(state), ...wrongFailures(state, disturbances), ...repeated(state), ...unwanted(state)]
}

function wrongRun(played: JudgedRun, state: SessionState, disturbances: readonly Disturbance[]): string[] {
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
  return [
    ...faults,
    ...unlikeSaid(played, state),
    ...wrongEnd(played, state, disturbances),
    ...notInterrupted(played, state, disturbances),
  ]
}

/** A run ends as the person wanted it; failures of single tools are told and no end. */
function wrongEnd(
  { plot, run: id, isInterrupted = false, cancelTold }: JudgedRun,
  state: SessionState,
  disturbances: readonly Disturbance[],
): string[] {
  const { runs, questions, calls } = state
  const run = runs.find((one) => one.id === id)
  if (run === undefined) return [`the run ${id} is not there`]
  const asked = questions.filter((question) => question.run === id)
  const isExcused = hasNoProvider(run, state, disturbances)
  const expected = isExcused ? endOf(run) : expectedEnd(run, asked.at(-1)?.resolution?.action)
  const faults = endOf(run) === expected ? [] : [`${plot.kind} ended as ${endOf(run)}, not as ${expected}`]
  if (cancelTold === 200 && run.status !== 'cancelled') {
    faults.push(`${plot.kind} ended as ${endOf(run)}, and who cancelled it was told that it is`)
  }
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

/** So long a run may go on that another one has interrupted. */
const INTERRUPTED_WITHIN_MS = 2_000

/** Whatever was going on when a message came that interrupts it was told to end, or ended by itself just then. */
function notInterrupted(
  { plot, run: id }: JudgedRun,
  { runs }: SessionState,
  disturbances: readonly Disturbance[],
): string[] {
  const run = runs.find((one) => one.id === id)
  if (run?.queuedAt == null || plot.body['when_busy'] !== 'interrupt') return []
  const active = runs.find(({ startedSeq, endedSeq }) => {
    return startedSeq !== null && startedSeq < run.firstSeq && (endedSeq === null || endedSeq > run.firstSeq)
  })
  if (active === undefined || active.cancelRequested !== null) return []
  const window = { from: run.queuedAt, to: active.endedAt }
  const lasted = Date.parse(active.endedAt ?? '') - Date.parse(run.queuedAt)
  if (lasted < INTERRUPTED_WITHIN_MS || isBlamed(disturbances, window, hurts('agent-orchestrator'))) return []
  return [`${plot.kind} was to interrupt ${active.id}, which nobody told, and which went on for ${lasted} ms`]
}

/** The provider outside may fail, while something is done to it; the demo's does not. */
function hasNoProvider(
  { id, status, startedAt, endedAt }: RunState,
  { messages }: SessionState,
  disturbances: readonly Disturbance[],
): boolean {
  const last = messages.findLast(({ run, purpose }) => run === id && purpose === 'answer')
  if (status !== 'failed' || last?.reason !== 'provider_failed' || last.provider === 'demo') return false
  return isBlamed(disturbances, { from: startedAt, to: endedAt }, isOfProvider)
}

function expectedEnd({ cancelRequested }: RunState, lastAnswer: string | undefined): string {
  const { reason } = cancelRequested ?? {}
  if (reason === 'user' || reason === 'interrupted') return `cancelled ${reason}`
  if (lastAnswer === 'cancel') return 'cancelled confirmation_cancelled'
  return lastAnswer === 'timeout' ? 'cancelled confirmation_timeout' : 'done'
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
