import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** What the server does with one request. */
export type Act = (response: ServerResponse, request: Received) => void | Promise<void>

/** A server that says whatever a test lets it say, one act per request; also what no Spool would. */
export async function scriptedServer(...acts: Act[]): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const { method = '', url: path = '', headers } = request
      const taken = { method, path, headers, body: Buffer.concat(chunks).toString() }
      received.push(taken)
      const act = acts[received.length - 1]
      if (act === undefined) throw new Error(`nobody expected ${method} ${path}`)
      await act(response, taken)
    })().catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received }
}

/** An event's frame: `[seq, prev, type, more]`. */
export type Line = [seq: number, prev: number, type: string, more?: object]

export const frame = ([seq, prev, type, more = {}]: Line, epoch = 1): string =>
  `id: ${epoch}-${seq}\nevent: ${type}\ndata: ${JSON.stringify({ type, session: 's', seq, prev, ...more })}\n\n`

const stream = (response: ServerResponse, lines: Line[]) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-spool-run': 'r', 'x-spool-session': 's' })
  response.write('retry: 5\n\n')
  for (const line of lines) response.write(frame(line))
}

/** Streams and ends properly. */
export const streams =
  (...lines: Line[]): Act =>
  (response) => {
    stream(response, lines)
    response.end()
  }

/** Streams and breaks off. */
export const breaksOff =
  (...lines: Line[]): Act =>
  async (response) => {
    stream(response, lines)
    // The frames are out before the connection is gone.
    await new Promise<void>((resolve) => response.write(': \n\n', () => resolve()))
    response.destroy()
  }

/** Streams and then says nothing more. */
export const fallsSilent =
  (...lines: Line[]): Act =>
  (response) =>
    stream(response, lines)

export const refuses =
  (status: number, code: string, headers: Record<string, string> = {}): Act =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/problem+json', ...headers })
    response.end(JSON.stringify({ status, code, detail: `because of ${code}` }))
  }

export const answers =
  (status: number, body?: object): Act =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? undefined : JSON.stringify(body))
  }

/** Does not answer at all. */
export const hangsUp: Act = (response) => void response.destroy()
