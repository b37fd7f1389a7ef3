/**
 * Which way to the model a message takes next. Nothing here waits or calls: what has failed is told, or read from the
 * message where another worker was at it before.
 */
import type { MessageState } from '@spool/events'
import { type ProviderError, isRetryable } from '../providers/provider-error.ts'
import type { Route } from './route.ts'

/** A trouble is answered with tries of the same route for at most so long; then each route left gets one call at once. */
const RETRY_WINDOW_MS = 60_000

/** Another try, or another route, would meet the same. */
const ENDS_THE_MESSAGE: ReadonlySet<string> = new Set(['provider_bad_request', 'provider_content_filtered'])

export interface Leg {
  readonly route: Route
  /** Whether it goes on after the text that is there, or begins anew. */
  readonly continues: boolean
  readonly isAnother: boolean
  /** How long to leave the route alone before it is called. */
  readonly waitMs: number
  /** Chosen although it is left out: there is no better way. */
  readonly isLastResort: boolean
}

export interface FailedCall {
  readonly error: ProviderError
  /** It was asked to go on after a text. */
  readonly continued: boolean
  /** It brought the text on by what is worth a call. */
  readonly progressed: boolean
}

export interface CourseOptions {
  /** How long to wait before the same route is called again, by its failures in a row. */
  readonly pauseMs?: (failures: number) => number
  readonly now?: () => number
}

export class Course {
  private at: number
  private waitMs = 0
  private isOver = false
  private troubleSinceMs: number | null = null
  private readonly records: readonly RouteRecord[]

  constructor(
    routes: readonly Route[],
    message: MessageState,
    private readonly options: CourseOptions = {},
  ) {
    this.records = routes.map((route) => ({ route, failures: 0, isOut: false }))
    this.at = Math.max(0, this.indexOf(message))
    for (const failure of message.failures) this.recall(failure, message)
  }

  /** More attempts than this come to nothing only where workers die on the message one after the other. */
  get mostAttempts(): number {
    return this.records.reduce((sum, { route }) => sum + route.settings.attempts, 0) + 10
  }

  /** `null`: no way is left. */
  next(hasText: boolean): Leg | null {
    const record = this.isOver ? undefined : this.choose(hasText)
    if (record === undefined) return null
    const index = this.records.indexOf(record)
    const isAnother = index !== this.at
    this.at = index
    const { route } = record
    const continues = hasText && route.continues === 'prefill'
    const waitMs = isAnother ? 0 : this.waitMs
    // Where it is asked once more before a call has been made, that was waited for.
    this.waitMs = 0
    return { route, continues, isAnother, waitMs, isLastResort: !route.health.isAvailable }
  }

  failed({ error, continued, progressed }: FailedCall): void {
    const record = this.records[this.at]!
    this.waitMs = 0
    if (continued && error.code === 'provider_bad_request') return record.route.refusesPrefill()
    if (ENDS_THE_MESSAGE.has(error.code)) this.isOver = true
    if (!error.retryable) record.isOut = true
    if (progressed && this.left().some(({ route }) => route.continues === 'prefill')) this.forget()
    record.failures++
    this.wait(record, error)
  }

  /** Healthy routes first, from the one that was called last onwards; where none is healthy, the others too. */
  private choose(hasText: boolean): RouteRecord | undefined {
    const left = this.left()
    const healthy = left.filter(({ route }) => route.health.isAvailable)
    const candidates = healthy.length > 0 ? healthy : left
    if (!hasText) return candidates[0]
    // That a route is left out is a guess, and no reason to lose a text: one cut of all connections is enough for it.
    const continuing = [...candidates, ...left].find(({ route }) => route.continues === 'prefill')
    if (continuing !== undefined) return continuing
    // What people have seen is lost now: whether it may be, says the route that it came from.
    if (this.records[this.at]!.route.continues === 'end') return undefined
    return candidates.find(({ route }) => route.continues === 'restart')
  }

  private left(): readonly RouteRecord[] {
    const onwards = [...this.records.slice(this.at), ...this.records.slice(0, this.at)]
    return onwards.filter(({ route, failures, isOut }) => !isOut && failures < route.settings.attempts)
  }

  /** What is there stays, whatever comes: a long answer may be cut any number of times. */
  private forget(): void {
    for (const record of this.records) record.failures = 0
    this.troubleSinceMs = null
  }

  private wait(record: RouteRecord, error: ProviderError): void {
    const { pauseMs = backOff } = this.options
    const { retryAfterMs = 0 } = error
    const nowMs = this.now()
    this.troubleSinceMs ??= nowMs - silenceOf(record.route, error)
    this.waitMs = Math.max(retryAfterMs, pauseMs(record.failures))
    if (nowMs + this.waitMs - this.troubleSinceMs > RETRY_WINDOW_MS) record.isOut = true
  }

  /** What befell the workers before this one, since something came of an attempt. */
  private recall(failure: MessageState['failures'][number], message: MessageState): void {
    const { attempt, provider, model, error, at, waitMs } = failure
    if (attempt <= message.attempt - message.fruitless) return
    if (ENDS_THE_MESSAGE.has(error.code)) {
      // Not where another attempt followed, nor where only a continuation was refused.
      const isOfContinuation = error.code === 'provider_bad_request' && message.begunAt > 0
      this.isOver = attempt === message.attempt && !isOfContinuation
      return
    }
    const record = this.records[this.indexOf({ provider, model })]
    if (record === undefined) return
    record.failures++
    if (!isRetryable(error.code)) record.isOut = true
    const failedAtMs = Date.parse(at)
    this.troubleSinceMs ??= failedAtMs
    if (failedAtMs + waitMs - this.troubleSinceMs > RETRY_WINDOW_MS) record.isOut = true
    if (attempt === message.attempt) this.waitMs = Math.max(0, failedAtMs + waitMs - this.now())
  }

  /** By the clock on the wall: those who were at it before had another one. */
  private now(): number {
    return (this.options.now ?? Date.now)()
  }

  private indexOf({ provider, model }: Pick<MessageState, 'provider' | 'model'>): number {
    return this.records.findIndex(({ route }) => route.provider.name === provider && route.provider.model === model)
  }
}

interface RouteRecord {
  readonly route: Route
  /** In a row, since something came of an attempt. */
  failures: number
  /** Not to be called for this message any more. */
  isOut: boolean
}

/** How long nothing was heard before it was clear that something was wrong. */
function silenceOf({ settings }: Route, { code }: ProviderError): number {
  if (code === 'provider_timed_out') return settings.firstTokenTimeoutMs
  return code === 'provider_stalled' ? settings.stallTimeoutMs : 0
}

function backOff(failures: number): number {
  return 250 * 2 ** (failures - 1) * (0.5 + Math.random() / 2)
}
