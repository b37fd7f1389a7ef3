/**
 * Leaves a route out that keeps failing, and lets one call through after a while to see whether it is back. The circuit
 * breaker wants a function that it can await; a call here is a stream that is judged while it runs, so what the breaker
 * awaits is the verdict on it.
 */
import {
  type CircuitBreakerPolicy,
  type IBackoff,
  type IHalfOpenAfterBackoffContext,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
} from 'cockatiel'
import type { ProviderError, ProviderErrorCode } from '../providers/provider-error.ts'

export interface BreakerSettings {
  /** Failures in a row after which a route is left out. */
  readonly failures: number
  /** For how long at first; twice as long each time it is still not back. */
  readonly pauseMs: number
  readonly maxPauseMs: number
}

export const defaultBreaker: BreakerSettings = { failures: 5, pauseMs: 10_000, maxPauseMs: 300_000 }

export type HealthState = 'ok' | 'left_out' | 'probing'

/** These say something about the request, not about the route. */
const NO_FAULT_OF_THE_ROUTE: ReadonlySet<ProviderErrorCode> = new Set([
  'provider_bad_request',
  'provider_content_filtered',
  'provider_context_too_long',
  'provider_unsupported',
])

export class RouteHealth {
  failuresInARow = 0
  lastError: { readonly code: ProviderErrorCode; readonly at: Date } | null = null
  private backAtMs = 0
  /** Since it was last well. */
  private failedProbes = 0
  private readonly breaker: CircuitBreakerPolicy

  constructor(
    private readonly settings: BreakerSettings = defaultBreaker,
    private readonly onChange: (state: HealthState) => void = () => undefined,
  ) {
    this.breaker = circuitBreaker(handleAll, {
      breaker: new ConsecutiveBreaker(settings.failures),
      halfOpenAfter: { next: (context) => this.pause(context) },
    })
    this.breaker.onStateChange(() => this.onChange(this.state))
  }

  get state(): HealthState {
    if (this.breaker.state === CircuitState.Closed) return 'ok'
    return this.breaker.state === CircuitState.HalfOpen ? 'probing' : 'left_out'
  }

  /** Whether a call may be made: where the route is left out, one alone once its time has come. */
  get isAvailable(): boolean {
    return this.state === 'ok' || (this.state === 'left_out' && Date.now() >= this.backAtMs)
  }

  get backAt(): Date | null {
    return this.state === 'ok' ? null : new Date(this.backAtMs)
  }

  /** A call begins. One that is made although the route is left out says nothing: the probe decides. */
  begin(): Verdict {
    const isProbe = this.state !== 'ok'
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    void this.breaker.execute(() => promise).catch(() => undefined)
    // An open breaker does not look at it.
    promise.catch(() => undefined)
    return {
      answering: () => {
        // Others wait for the outcome of a probe; its first word is enough.
        if (isProbe) this.succeeded(resolve)
      },
      completed: () => this.succeeded(resolve),
      failed: (error) => {
        if (NO_FAULT_OF_THE_ROUTE.has(error.code)) return this.succeeded(resolve)
        this.failuresInARow++
        this.lastError = { code: error.code, at: new Date() }
        // One that began before the route was left out: the breaker would take it for the outcome of the probe.
        if (isProbe || this.state === 'ok') reject(error)
      },
      // The breaker would wait for the outcome of a probe for ever.
      calledOff: () => (isProbe ? reject(new CalledOff()) : undefined),
    }
  }

  private succeeded(resolve: () => void): void {
    this.failuresInARow = 0
    resolve()
  }

  private pause({ attempt, result }: IHalfOpenAfterBackoffContext): IBackoff<IHalfOpenAfterBackoffContext> {
    const { pauseMs, maxPauseMs } = this.settings
    const isCalledOff = 'error' in result && result.error instanceof CalledOff
    if (attempt === 1) this.failedProbes = 0
    else if (!isCalledOff) this.failedProbes++
    const duration = Math.min(pauseMs * 2 ** this.failedProbes, maxPauseMs)
    this.backAtMs = Date.now() + duration
    return { duration, next: (context) => this.pause(context) }
  }
}

/** By our own side: the route is tried again after the same while. */
class CalledOff extends Error {
  override readonly name = 'CalledOff'
}

/** What is told of one call, once. */
export interface Verdict {
  /** Its first word is there. */
  answering(): void
  completed(): void
  failed(error: ProviderError): void
  /** By our own side: says nothing about the route. */
  calledOff(): void
}
