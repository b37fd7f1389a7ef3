import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** What a request to become a WebSocket brings beside itself. */
export interface Upgrade {
  readonly socket: Duplex
  readonly head: Buffer
}

const upgrades = new WeakMap<IncomingMessage, Upgrade>()

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
    response.once('finish', () => socket.end())
    upgrades.set(request, { socket, head })
    http.routing(request, response)
  })
}
