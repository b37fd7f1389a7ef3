import { type ProblemDocument, Refused, Unreachable } from '../errors.ts'
import { Backoff, type BackoffOptions, wait } from './backoff.ts'

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

export interface ConnectionOptions {
  url: string
  key?: string | undefined
  fetch?: typeof fetch | undefined
  backoff?: BackoffOptions | undefined
  /** For how long a call, other than following, is tried again. Default 30 s. */
  giveUpAfterMs?: number | undefined
  /** A stream without a sign of life (a comment comes every 15 s) for so long is taken for dead. Default 45 s. */
  silenceMs?: number | undefined
}

/** The answer to one try: of use, or to be asked for again. */
export type Outcome =
  | { readonly ok: true; readonly response: Response }
  | { readonly ok: false; readonly cause: unknown; readonly retryAfterMs: number }

const TRY_AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

/** One server, as its calls see it. */
export class Connection {
  readonly backoff: BackoffOptions
  readonly silenceMs: number
  private readonly base: string
  private readonly key: string | undefined
  private readonly fetch: typeof fetch
  private readonly giveUpAfterMs: number

  constructor(options: ConnectionOptions) {
    this.base = options.url.replace(/\/+$/, '')
    this.key = options.key
    // Browsers refuse to have it called as a method of anything else.
    this.fetch = options.fetch ?? ((...call) => globalThis.fetch(...call))
    this.backoff = options.backoff ?? {}
    this.giveUpAfterMs = options.giveUpAfterMs ?? 30_000
    this.silenceMs = options.silenceMs ?? 45_000
  }

  /** Once. Throws `Refused` where trying again cannot help, and what the signal was aborted with. */
  async attempt(call: Call): Promise<Outcome> {
    let response: Response
    try {
      response = await this.fetch(this.base + call.path, {
        method: call.method ?? 'GET',
        headers: {
          ...(this.key === undefined ? {} : { authorization: `Bearer ${this.key}` }),
          ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...call.headers,
        },
        ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
        ...(call.signal === undefined ? {} : { signal: call.signal }),
      })
    } catch (cause) {
      call.signal?.throwIfAborted()
      return { ok: false, cause, retryAfterMs: 0 }
    }
    if (response.ok) return { ok: true, response }
    const refused = new Refused(await problemOf(response))
    if (!TRY_AGAIN.has(response.status)) throw refused
    const retryAfterMs = 1000 * Number(response.headers.get('retry-after') ?? 0)
    return { ok: false, cause: refused, retryAfterMs: Number.isFinite(retryAfterMs) ? retryAfterMs : 0 }
  }

  /** Until it is answered, with growing waits; `Unreachable`, or the server's last word, when that takes too long. */
  async call(call: Call): Promise<Response> {
    const backoff = new Backoff(this.backoff)
    const startedAt = Date.now()
    for (;;) {
      const outcome = await this.attempt(call)
      if (outcome.ok) return outcome.response
      const waitMs = backoff.nextMs(outcome.retryAfterMs)
      if (Date.now() + waitMs - startedAt > this.giveUpAfterMs) {
        throw outcome.cause instanceof Refused ? outcome.cause : new Unreachable(this.base, { cause: outcome.cause })
      }
      await wait(waitMs, call.signal)
    }
  }

  async json<T>(call: Call): Promise<T> {
    const response = await this.call({ ...call, headers: { accept: 'application/json', ...call.headers } })
    return (await response.json()) as T
  }
}

async function problemOf(response: Response): Promise<ProblemDocument> {
  const fallback = { status: response.status, code: 'unknown', detail: `The server answered ${response.status}.` }
  try {
    const document = (await response.json()) as Partial<ProblemDocument>
    return { ...fallback, ...document }
  } catch {
    return fallback
  }
}
