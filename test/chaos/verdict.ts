import { isDeepStrictEqual } from 'node:util'
import { type RunState, type SessionState, formatCursor } from '@spool/events'
import {
  publicArtifact,
  publicMessage,
  publicQuestion,
  publicRun,
  publicSessionState,
} from '../../services/persistence/src/answering/public-shape.ts'
import { type EventOnTheWire, judge, wrongEffects } from '../e2e/support/judge.ts'
import type { OutsideWorld } from '../e2e/support/outside-world.ts'
import type { PlayedRun } from './playing/played-run.ts'
import type { StubbornClient } from './playing/stubborn-client.ts'

export interface Verdict {
  faults: string[]
  state: SessionState
  events: number
}

/** All that can be wrong with a session whose runs are over. */
export async function verdictOn(
  session: string,
  runs: readonly PlayedRun[],
  client: StubbornClient,
  world: OutsideWorld,
): Promise<Verdict> {
  const events = await eventsOf(session, client)
  const { state, faults } = judge(events)
  faults.push(...wrongEffects(state, world), ...wrongFailures(state))
  for (const played of runs) faults.push(...played.faults, ...unlikeLog(played, events), ...wrongEnd(played, state))
  const times = new Map(events.map((event) => [event.seq, String(event['at'])]))
  faults.push(...(await unlikeFold(session, state, times, client)))
  return { state, events: events.length, faults: faults.map((fault) => `${session}: ${fault}`) }
}

async function eventsOf(session: string, client: StubbornClient): Promise<EventOnTheWire[]> {
  const events: EventOnTheWire[] = []
  for (let after = '0', more = true; more;) {
    const { body } = await client.get(`/v1/sessions/${session}/events?limit=1000&after=${after}`)
    events.push(...(body['events'] as EventOnTheWire[]))
    after = String(body['next'])
    more = body['more'] === true
  }
  return events
}

/** Whoever followed has seen every event of the window, once, as it lies in the log. */
function unlikeLog({ plot, run, frames }: PlayedRun, events: readonly EventOnTheWire[]): string[] {
  const first = events.findIndex(({ seq }) => seq === frames[0]?.data.seq)
  const window = events.slice(first, first + frames.length)
  if (
    isDeepStrictEqual(
      frames.map(({ data }) => data),
      window,
    ) &&
    events[first]?.run === run
  )
    return []
  const seen = frames.map(({ id, event }) => `${id} ${event}`).join(', ')
  return [`a follower of ${plot.kind} saw something else than the log holds: ${seen}`]
}

/** All that was asked for can be done: what fails all the same must have a kill, or a person, to blame. */
const EXPECTED_FAILURES: ReadonlySet<string | undefined> = new Set([
  'cancelled',
  'tool_unknown_outcome',
  'tool_gave_up',
])

function wrongFailures({ calls }: SessionState): string[] {
  const wrong = calls.filter(({ status, error }) => status === 'failed' && !EXPECTED_FAILURES.has(error?.code))
  return wrong.map((call) => `a call failed: ${JSON.stringify(call)}`)
}

/** A run ends as the person wanted it; failures of single tools are told and no end. */
function wrongEnd({ plot, run: id }: PlayedRun, { runs, questions, calls }: SessionState): string[] {
  const run = runs.find((one) => one.id === id)
  if (run === undefined) return [`the run ${id} is not there`]
  const asked = questions.filter((question) => question.run === id)
  const expected = expectedEnd(run, asked.at(-1)?.resolution?.action)
  const faults = endOf(run) === expected ? [] : [`${plot.kind} ended as ${endOf(run)}, not as ${expected}`]
  const answers = plot.answers.map((answer) => answer?.action ?? 'timeout')
  const taken = asked.map(({ resolution }) => resolution?.action)
  const wanted = run.cancelled === null || run.cancelled.by !== 'user' ? answers : [...answers, 'cancel']
  const isCut = run.cancelled?.reason === 'user'
  if (!isCut && !isDeepStrictEqual(taken, wanted.slice(0, answers.length)))
    faults.push(`${plot.kind}: the answers ${answers} became ${taken}`)
  const plan = asked.findLast(({ kind, resolution }) => kind === 'plan' && resolution?.action === 'confirm')
  if (plan === undefined || isCut) return faults
  const done = calls.filter((call) => call.run === id && call.firstSeq > plan.firstSeq)
  const tasks = plan.tasks.filter(({ tool }) => tool !== undefined)
  const failedAt = done.findIndex(({ status }) => status === 'failed')
  const due = (failedAt < 0 ? tasks : tasks.slice(0, failedAt + 1)).map(({ tool, input }) => [tool, input])
  if (
    !isDeepStrictEqual(
      done.map(({ name, input }) => [name, input]),
      due,
    )
  ) {
    faults.push(`${plot.kind}: agreed on ${JSON.stringify(due)}, done ${JSON.stringify(done.map(({ name }) => name))}`)
  }
  return faults
}

export function endOf({ status, cancelled, limit, error }: RunState): string {
  return [status, cancelled?.reason ?? limit ?? error?.code].filter(Boolean).join(' ')
}

function expectedEnd({ cancelRequested }: RunState, lastAnswer: string | undefined): string {
  if (cancelRequested?.reason === 'user') return 'cancelled user'
  if (lastAnswer === 'cancel') return 'cancelled confirmation_cancelled'
  return lastAnswer === 'timeout' ? 'cancelled confirmation_timeout' : 'done'
}

/** What the database says, over HTTP, is the fold of what the log says. */
async function unlikeFold(
  session: string,
  state: SessionState,
  times: ReadonlyMap<number, string>,
  client: StubbornClient,
): Promise<string[]> {
  const ref = { session }
  const shown = state.messages.filter(({ purpose, status }) => {
    return status !== 'requested' && (purpose === null || purpose === 'answer')
  })
  const wanted: [path: string, field: string, value: unknown][] = [
    ['', 'session', { ...publicSessionState(ref, state), erased: state.erased }],
    [
      '/messages?limit=1000',
      'messages',
      shown.map((message) => publicMessage(ref, message, times.get(message.firstSeq) ?? null)),
    ],
    ['/confirmations', 'confirmations', state.questions.map(publicQuestion)],
    ['/artifacts', 'artifacts', state.artifacts.map(publicArtifact)],
    ...state.runs.map((run): [string, string, unknown] => [`/runs/${run.id}`, 'run', publicRun(ref, run)]),
  ]
  const faults: string[] = []
  for (const [path, field, value] of wanted) {
    const { body } = await client.get(`/v1/sessions/${session}${path}`)
    const found = body[field]
    if (!isDeepStrictEqual(found, JSON.parse(JSON.stringify(value)))) {
      faults.push(`GET ${path} says ${JSON.stringify(found)}, the fold says ${JSON.stringify(value)}`)
    }
    const cursor = formatCursor({ epoch: 1, seq: state.seq })
    if (body['cursor'] !== cursor) faults.push(`GET ${path} stands at ${String(body['cursor'])}, the log at ${cursor}`)
  }
  return faults
}
