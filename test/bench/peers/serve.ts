import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StreamRequest {
  method: string
  /** The last part of the path. */
  name: string
  query: URLSearchParams
  response: ServerResponse
}

/** A plain server of Node, on a free port that it says on its first line. */
export function serve(answer: (request: StreamRequest) => Promise<void>): void {
  const server = createServer((request: IncomingMessage, response) => {
    const { pathname, searchParams } = new URL(request.url!, 'http://peer')
    const name = pathname.slice(pathname.lastIndexOf('/') + 1)
    request.resume()
    answer({ method: request.method!, name, query: searchParams, response }).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`{"url":"http://127.0.0.1:${port}"}\n`)
  })
}

export const numberIn = (query: URLSearchParams, name: string) => Number(query.get(name))
