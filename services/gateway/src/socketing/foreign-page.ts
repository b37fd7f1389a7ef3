import type { IncomingHttpHeaders } from 'node:http'

/**
 * Whether a page of another origin asks that nobody has named. A browser lets any page open a WebSocket, also to an
 * address that only its user can reach: where nothing else says who asks, it has to be one of ours.
 */
export function isForeignPage({ origin, host }: IncomingHttpHeaders, named: readonly string[] = []): boolean {
  if (origin === undefined || named.includes('*') || named.includes(origin)) return false
  return URL.parse(origin)?.host !== host?.toLowerCase()
}
