import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What Node's HTTP server keeps beside a socket. Not documented, and not changed since it is there. */
interface Served {
  parser?: { remove(): void; close(): void } | null
}

/** What Node's HTTP server listens to on a socket. */
const ITS_EVENTS = ['data', 'end', 'close', 'drain', 'error', 'timeout', 'pause', 'resume'] as const

/**
 * Takes the connection of a request out of the hands of Node's HTTP server, as that does itself for an upgrade. For as
 * long as an answer lasts it would keep the request, the headers, the response and a parser for what comes next: twice as
 * much as the connection itself, for each of the thousands that wait. And each write would pass three more layers.
 *
 * The answer's head must have been sent; what follows it are chunks, up to the last one, and then the connection is to be
 * closed. `null`: that cannot be, because another answer comes first on this connection, or this Node is made otherwise.
 * Whoever waits for the response's `close` hears it.
 */
export function takeOver(raw: ServerResponse): Socket | null {
  const socket = raw.socket as (Socket & Served) | null
  const parser = socket?.parser
  if (socket === null || socket.destroyed) return null
  // Older clients know nothing of chunks.
  if (!raw.chunkedEncoding) return null
  if (typeof parser?.close !== 'function' || typeof parser.remove !== 'function') return null
  raw.detachSocket(socket)
  for (const event of ITS_EVENTS) socket.removeAllListeners(event)
  // Whoever reads a socket itself is given what comes from now on, and not the parser.
  socket.once('data', () => undefined)
  socket.removeAllListeners('data')
  socket.parser = null
  parser.remove()
  // It may be at work further up in this turn.
  setImmediate(() => parser.close())
  for (const listener of raw.listeners('close')) socket.once('close', listener as () => void)
  socket.setTimeout(0)
  // Nothing more is expected from the client but its end.
  socket.on('error', ignore)
  socket.on('end', leave)
  socket.resume()
  return socket
}

/** The close says all there is to say. */
function ignore(): void {}

function leave(this: Socket): void {
  this.destroy()
}
