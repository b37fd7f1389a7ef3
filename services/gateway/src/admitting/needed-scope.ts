import { DIALECTS } from '@spool/dialects'
import type { Scope } from '@spool/log'

/** What a route asks of its caller. */
export interface Need {
  readonly scope: Scope
  /**
   * What it can touch. A ticket, and who shows nothing, may use those of a session alone: its handler asks
   * `sessionFor` whether this is the one.
   */
  readonly reach: 'session' | 'tenant'
  /** Whether it may be used without a key, where the deployment allows that at all. */
  readonly open: boolean
}

/** Answered without a key, always. */
export const KEYLESS_ROUTES: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/health', '/openapi.json', '/docs'])

const SESSION = '/v1/sessions/:session'

/** Where a route needs something else than its method says. */
const SCOPES_OF_ROUTES: Readonly<Record<string, Scope>> = {
  'POST /v1/tickets': 'read',
  'POST /v1/blobs': 'produce',
  [`POST ${SESSION}/messages`]: 'produce',
  [`POST ${SESSION}/messages/:message/chunks`]: 'produce',
  [`POST ${SESSION}/messages/:message/finalize`]: 'produce',
  [`POST ${SESSION}/messages/:message/custom`]: 'produce',
}

/** They name a session, and make another. */
const BEYOND_THE_SESSION: ReadonlySet<string> = new Set([`POST ${SESSION}/fork`])

/** What a chat needs, and nothing else: no lists, no search, no memories, nothing that shows what a model was told. */
const OPEN_ROUTES: ReadonlySet<string> = new Set([
  'GET /v1/ws',
  `POST ${SESSION}/runs`,
  `POST ${SESSION}/runs/:run/cancel`,
  `GET ${SESSION}/runs/:run`,
  `GET ${SESSION}/runs/:run/events`,
  `GET ${SESSION}/events`,
  `GET ${SESSION}/signals`,
  `GET ${SESSION}`,
  `GET ${SESSION}/messages`,
  `GET ${SESSION}/messages/:message`,
  `GET ${SESSION}/messages/:message/chunks`,
  `GET ${SESSION}/confirmations`,
  `POST ${SESSION}/confirmations/:confirmation`,
  `GET ${SESSION}/artifacts`,
  `GET ${SESSION}/blobs/:blob`,
])

/** The addresses of dialects, and whether they may be open. Their session stands in the body or in the query. */
const OF_DIALECTS: ReadonlyMap<string, boolean> = new Map(
  DIALECTS.flatMap(({ path, wholePath, views = [], alwaysNeedsKey = false }) => [
    ...[path, ...(wholePath === undefined ? [] : [wholePath])].map((url) => [url, !alwaysNeedsKey] as const),
    ...views.filter(({ of }) => of !== 'status').map((view) => [view.path, !alwaysNeedsKey] as const),
  ]),
)

/** What of the WebSocket's operations needs which scope. To open it, any will do. */
export const SCOPES_OF_OPERATIONS = {
  follow: 'read',
  unfollow: 'read',
  run: 'run',
  cancel: 'run',
  confirm: 'run',
} as const

/** `url` is the route's, as it is registered. A route that nobody has thought of here is not open. */
export function neededOf(method: string, url: string): Need {
  const route = `${method === 'HEAD' ? 'GET' : method} ${url}`
  const ofDialect = OF_DIALECTS.get(url)
  const ofSession = url.startsWith(SESSION) || url === '/v1/ws' || ofDialect !== undefined
  return {
    scope: SCOPES_OF_ROUTES[route] ?? scopeOfMethod(method),
    reach: ofSession && !BEYOND_THE_SESSION.has(route) ? 'session' : 'tenant',
    open: OPEN_ROUTES.has(route) || ofDialect === true,
  }
}

function scopeOfMethod(method: string): Scope {
  if (method === 'GET' || method === 'HEAD') return 'read'
  return method === 'DELETE' ? 'erase' : 'run'
}
