import type { JobState, QueuedJob } from '@spool/log'
import { ageText } from './age-text.ts'
import { idOfJob } from './job-id.ts'

/** What the log says of the work that a job is about. */
export interface LoggedAttempt {
  readonly run: string | null
  readonly attempt: number
  /** Who began the last attempt. */
  readonly worker: string | null
}

export interface ListedJob {
  readonly job: QueuedJob
  readonly state: JobState
  readonly logged: LoggedAttempt | null
}

/** For programs. */
export function jobDocument({ job, state, logged }: ListedJob, nowMs: number): object {
  const { kind, ...how } = state
  return {
    id: idOfJob(job),
    kind: job.queue,
    ...job.ref,
    ...aboutOf(job, logged),
    state: kind,
    ...how,
    queued_at: new Date(job.queuedAtMs).toISOString(),
    age_ms: Math.max(0, Math.round(nowMs - job.queuedAtMs)),
    ...(state.kind === 'waiting' && { deliveries: 0 }),
    ...(logged !== null && { attempt: logged.attempt, attempt_by: logged.worker }),
  }
}

export const JOB_COLUMNS = ['ID', 'KIND', 'STATE', 'AGE', 'BY', 'TRIED', 'TENANT', 'SESSION', 'ABOUT']

/** For people. */
export function jobRow({ job, state, logged }: ListedJob, nowMs: number): string[] {
  const about = Object.entries(aboutOf(job, logged)).map(([name, value]) => `${name} ${value}`)
  return [
    idOfJob(job),
    job.queue,
    stateText(state, nowMs),
    ageText(nowMs - job.queuedAtMs),
    byText(state, logged),
    triedText(state, logged),
    job.ref.tenant,
    job.ref.session,
    about.join(', '),
  ]
}

function stateText(state: JobState, nowMs: number): string {
  if (state.kind === 'in work') return `in work ${ageText(nowMs - Date.parse(state.since))}`
  if (state.kind === 'delayed') return `delayed ${ageText(Date.parse(state.until) - nowMs)}`
  return state.kind
}

function byText(state: JobState, logged: LoggedAttempt | null): string {
  if (state.kind === 'in work' || state.kind === 'delayed') return state.instance
  // The log knows who began it; that one does not answer.
  return state.kind === 'silent' && logged?.worker ? `${logged.worker}?` : ''
}

/** Attempts in the log count what was begun; deliveries what was given out. */
function triedText(state: JobState, logged: LoggedAttempt | null): string {
  const deliveries = state.kind === 'in work' ? state.deliveries : state.kind === 'waiting' ? 0 : undefined
  if (logged !== null && logged.attempt > 0) return String(logged.attempt)
  return deliveries === undefined ? '' : String(deliveries)
}

/** What a job is about, by what the subject says, and for a request what its body says. */
function aboutOf(job: QueuedJob, logged: LoggedAttempt | null): Record<string, string> {
  const [first = '', second = ''] = job.tail
  const run: Record<string, string> = logged?.run == null ? {} : { run: logged.run }
  switch (job.queue) {
    case 'llm':
      return { message: first, ...run }
    case 'tool':
      return { call: first, ...run }
    case 'memory':
      return { run: first }
    case 'run':
      return { after: first }
    case 'intake':
      return { request: first, ...fieldsOf(job, 'run') }
    case 'control':
      return { request: second, asks: first, ...fieldsOf(job, 'run', 'confirmation') }
    default:
      return { key: job.tail.join('.') }
  }
}

/** Ids only: what else a body holds is what people have written. */
function fieldsOf(job: QueuedJob, ...names: readonly string[]): Record<string, string> {
  try {
    const body = JSON.parse(job.body()) as Record<string, unknown>
    const found = names.map((name) => [name, body[name]] as const)
    return Object.fromEntries(found.filter((field): field is [string, string] => typeof field[1] === 'string'))
  } catch {
    return {}
  }
}
