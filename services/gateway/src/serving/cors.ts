import type { IncomingHttpHeaders } from 'node:http'

const EXPOSED =
  'x-spool-session, x-spool-run, x-request-id, retry-after, location, preference-applied, www-authenticate'
const METHODS = 'GET, POST, DELETE'
const ALLOWED = 'authorization, content-type, last-event-id, idempotency-key, prefer, accept, x-request-id, traceparent'
/** As long as browsers remember it at most. */
const REMEMBER_SECONDS = '7200'

type Headers = Readonly<Record<string, string>>

/**
 * Which web pages may use the API (CORS). Who asks is said by a header or by a ticket and never by a cookie, so that a
 * page can do nothing in the name of somebody who only has it open.
 */
export class Cors {
  private readonly origins: ReadonlySet<string>

  constructor(origins: readonly string[] = []) {
    this.origins = new Set(origins)
  }

  /** What every answer says, also one that refuses: a page could not read it otherwise. */
  headersFor({ origin }: IncomingHttpHeaders): Headers {
    if (this.origins.size === 0) return {}
    if (this.origins.has('*')) return { 'access-control-allow-origin': '*', 'access-control-expose-headers': EXPOSED }
    // Also where nothing is allowed, so that no cache gives that answer to a page that may have it.
    const vary = { vary: 'origin' }
    if (origin === undefined || !this.origins.has(origin)) return vary
    return { ...vary, 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED }
  }

  /** What is answered where a browser asks beforehand; `undefined`: it does not, or may not. */
  preflight(method: string, headers: IncomingHttpHeaders): Headers | undefined {
    if (method !== 'OPTIONS' || headers['access-control-request-method'] === undefined) return undefined
    const own = this.headersFor(headers)
    if (own['access-control-allow-origin'] === undefined) return undefined
    return {
      ...own,
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': ALLOWED,
      'access-control-max-age': REMEMBER_SECONDS,
    }
  }
}
