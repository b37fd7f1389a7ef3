import { setTimeout as sleep } from 'node:timers/promises'
import { type Beside, type MessageState, type Usage, draft, isTurn, runOf } from '@spool/events'
import type { ProviderError } from '../providers/provider-error.ts'
import type { Provider } from '../providers/provider.ts'
import { Course, type Leg } from '../routing/course.ts'
import type { Routes } from '../routing/routes.ts'
import type { AttemptOutcome } from './attempt-outcome.ts'
import { type AttemptReason, attempt } from './attempt.ts'
import type { Pen } from './message-writer.ts'

/** However well each goes on: every call costs the whole prompt. */
const MOST_CALLS = 100

export interface WriteOptions {
  readonly run: string
  readonly worker: string
  readonly routes: Pick<Routes, 'of'>
  /** What the model is sent beside the conversation, where the request does not say it itself. */
  readonly beside?: Beside | undefined
  /** Aborted when this process must let go of what it has not finished. */
  readonly handOver: AbortSignal
  readonly onUnforeseen: (error: unknown) => void
  /** Told of each call that failed, with the message as it stood then. */
  readonly onFailed?: (error: ProviderError, message: MessageState) => void
  /** How long to wait before the same route is called again, by its failures in a row. */
  readonly pauseMs?: (failures: number) => number
}

export type Written =
  /** Closed, by this writer or by somebody else, or in the hands of a newer attempt: the writer's state says. */
  | 'over'
  /** This process is going down: the next one goes on from what is in the log. */
  | 'handed-over'

/** Attempts, until the message is closed. Each begins with a look at where the message stands by now. */
export async function writeMessage(pen: Pen, options: WriteOptions): Promise<Written> {
  const { run, handOver, routes, pauseMs } = options
  const course = new Course(routes.of(pen.message.requestedModel ?? 'default'), pen.message, pauseMs && { pauseMs })
  const isTakenOver = pen.message.attempt > 0
  let called = 0
  let spent: Usage | undefined
  for (;;) {
    if (pen.standing === 'lost') return 'over'
    if (pen.standing === 'cancelled') return close(pen, run, cancelReason(pen), spent)
    if (handOver.aborted) return 'handed-over'
    if (pen.message.fruitless >= course.mostAttempts) return close(pen, run, 'server_crashed')
    if (pen.message.attempt >= MOST_CALLS) return close(pen, run, failedReason(pen))
    // What is no turn has no text before it is whole: there is nothing to go on after.
    const leg = course.next(isTurn(pen.message) && pen.message.text !== '')
    if (leg === null) return close(pen, run, failedReason(pen))
    const reason = called > 0 ? (leg.isAnother ? 'failover' : 'retry') : isTakenOver ? 'takeover' : 'first'
    const outcome = await take(pen, leg, reason, options)
    if (outcome === 'not-begun') continue
    called++
    if (outcome.kind === 'completed') return 'over'
    if (outcome.kind === 'stopped') spent = outcome.usage
    else {
      options.onFailed?.(outcome.error, pen.message)
      // Where a cancel came first, what the call has cost is told with the end.
      if (!(await fail(pen, run, outcome))) spent = outcome.usage
      course.failed(outcome)
    }
  }
}

/** One leg of the way: waits until the route may be called, and calls it. */
async function take(
  pen: Pen,
  { route, continues, waitMs, isLastResort }: Leg,
  reason: AttemptReason,
  { run, worker, beside, handOver, onUnforeseen }: WriteOptions,
): Promise<AttemptOutcome | 'not-begun'> {
  const signal = AbortSignal.any([pen.signal, handOver])
  let leave: () => void
  try {
    if (waitMs > 0) await sleep(waitMs, undefined, { signal })
    leave = await route.places.take(signal)
  } catch (error) {
    // The loop looks why.
    if (signal.aborted) return 'not-begun'
    throw error
  }
  // While this one waited, others may have found out that the route is down, or have begun to try whether it is back.
  if (!isLastResort && !route.health.isAvailable) {
    leave()
    return 'not-begun'
  }
  const verdict = route.health.begin()
  try {
    await begin(pen, run, route.provider)
    return await attempt(pen, route, { run, worker, reason, continues, beside, verdict, handOver, onUnforeseen })
  } finally {
    verdict.calledOff()
    leave()
  }
}

async function begin(pen: Pen, run: string, { name, model }: Provider): Promise<void> {
  const { id, status, purpose } = pen.message
  if (status !== 'requested') return
  const about = { run, message: id, role: 'assistant', purpose: purpose ?? 'answer', provider: name, model } as const
  await pen.append(draft('message.started', about))
}

type Failed = Extract<AttemptOutcome, { kind: 'failed' }>

async function fail(pen: Pen, run: string, { error, usage }: Failed): Promise<boolean> {
  const { code, message, retryAfterMs } = error
  const about = { run, message: pen.message.id, attempt: pen.message.attempt, error: { code, message } }
  const more = { ...(retryAfterMs !== undefined && { wait_ms: retryAfterMs }), ...(usage && { usage }) }
  return pen.append(draft('generation.failed', { ...about, ...more }))
}

function failedReason(pen: Pen): 'content_filter' | 'provider_failed' {
  const filtered = pen.message.failures.at(-1)?.error.code === 'provider_content_filtered'
  return filtered ? 'content_filter' : 'provider_failed'
}

function cancelReason(pen: Pen): 'cancelled' | 'client_disconnected' {
  const reason = runOf(pen.state, pen.message.run)?.cancelRequested?.reason
  return reason === 'client_disconnected' ? 'client_disconnected' : 'cancelled'
}

async function close(
  pen: Pen,
  run: string,
  reason: 'cancelled' | 'client_disconnected' | 'provider_failed' | 'content_filter' | 'server_crashed',
  usage?: Usage,
): Promise<'over'> {
  const end = { run, message: pen.message.id, status: 'partial', reason, ...(usage && { usage }) } as const
  await pen.append(draft('message.completed', end))
  return 'over'
}
