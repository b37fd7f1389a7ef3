import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is done with one request after the other. The last one is for all that come later. */
export type Script = (response: ServerResponse, request: IncomingMessage) => unknown

export interface ScriptedServer {
  readonly url: string
  readonly requests: readonly IncomingMessage[]
  stop(): void
}

/** A gateway that does what it is told, be it wrong. */
export async function startScripted(...scripts: readonly Script[]): Promise<ScriptedServer> {
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    const script = scripts[Math.min(requests.length, scripts.length - 1)]!
    requests.push(request.resume())
    script(response, request)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** As a gateway writes it. */
export function frameOf(seq: number, type = 'text.delta', more: object = {}): string {
  const event = { v: 1, type, run: 'r', ...more, session: 's', seq, prev: seq - 1 }
  return `id: 1-${seq}\nevent: ${type}\ndata: ${JSON.stringify(event)}\n\n`
}

export const END = 'run.completed'

export function stream(response: ServerResponse, ...texts: readonly string[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-spool-run': 'r', connection: 'close' })
  response.write('retry: 1000\n\n')
  for (const text of texts) response.write(text)
  return response
}

export const told =
  (...texts: readonly string[]): Script =>
  (response) =>
    stream(response, ...texts).end()

/** Broken off in the middle of what comes next. */
export const tornOff =
  (...texts: readonly string[]): Script =>
  (response) => {
    stream(response, ...texts)
    setImmediate(() => response.destroy())
  }
