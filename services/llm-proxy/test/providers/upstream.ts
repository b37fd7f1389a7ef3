import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface UpstreamRequest {
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
  /** When the connection was closed from the other side, or after the answer. */
  closed: Promise<void>
}

export interface Upstream {
  url: string
  requests: UpstreamRequest[]
  /** What to do with the next requests. */
  answerWith(answer: (response: ServerResponse) => unknown): void
  close(): Promise<void>
}

/** A model provider that does exactly what a test tells it to, byte by byte. */
export async function startUpstream(): Promise<Upstream> {
  let answer: ((response: ServerResponse) => unknown) | undefined
  const requests: UpstreamRequest[] = []
  const server = createServer((request, response) => {
    const closed = new Promise<void>((resolve) => response.on('close', resolve))
    void json(request).then((body) => {
      requests.push({
        path: request.url ?? '',
        headers: request.headers,
        body: body as Record<string, unknown>,
        closed,
      })
      return answer?.(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answerWith: (next) => {
      answer = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** One frame of a chat completion with this delta. */
export const frame = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    model: 'model-2026',
    choices: [{ index: 0, delta, finish_reason: null, ...more }],
  })}\n\n`

export const end = (reason = 'stop'): string => frame({}, { finish_reason: reason })

export const usage = (prompt: number, completion: number, more: object = {}): string =>
  `data: ${JSON.stringify({
    id: 'chatcmpl-1',
    choices: [],
    usage: { prompt_tokens: prompt, completion_tokens: completion, ...more },
  })}\n\n`

export const done = 'data: [DONE]\n\n'

export function stream(response: ServerResponse, ...frames: string[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const text of frames) response.write(text)
  return response
}
