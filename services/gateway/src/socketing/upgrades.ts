import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** What a request to become a WebSocket brings beside itself. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

const PATH = '/v1/ws'
/** How long a client may take to read why it is refused. */
const LAST_WORDS_MS = 2000

const upgrades = new WeakMap<IncomingMessage, Upgrade>()

/**
 * Only there, and only to become a WebSocket. Elsewhere the wish is let be, as HTTP allows: many clients ask for HTTP/2
 * in passing, and what is taken out of HTTP has neither a body nor a time limit.
 */
export function mayUpgrade({ method, url = '', headers }: IncomingMessage): boolean {
  return method === 'GET' && url.split('?', 1)[0] === PATH && headers.upgrade?.toLowerCase() === 'websocket'
}

/** Where the request asks to become something else than HTTP. */
export function upgradeOf(request: IncomingMessage): Upgrade | undefined {
  return upgrades.get(request)
}

/** Such requests go through the same hooks and routes as all others; what is refused is answered over HTTP. */
export function routeUpgrades(http: FastifyInstance): void {
  http.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Until it is a WebSocket nobody else looks after it.
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.assignSocket(socket as never)
    response.once('finish', () => {
      // Read to its end, so that the client hears of ours; one that never ends has no hold on us.
      socket.resume()
      socket.end()
      setTimeout(() => socket.destroy(), LAST_WORDS_MS).unref()
    })
    upgrades.set(request, { socket, head })
    http.routing(request, response)
  })
}
