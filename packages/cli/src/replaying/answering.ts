import { type ServerResponse, STATUS_CODES } from 'node:http'

export const KEEP_ALIVE_MS = 15_000
const RETRY_MS = 1000

/** Sends the head of a stream. */
export function openStream(response: ServerResponse): ServerResponse {
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  })
  response.write(`retry: ${RETRY_MS}\n\n`)
  return response
}

export function drained(response: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason as Error)
    signal.addEventListener('abort', stop, { once: true })
    response.once('drain', () => {
      signal.removeEventListener('abort', stop)
      resolve()
    })
  })
}

export function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' })
  const title = STATUS_CODES[status] ?? 'Error'
  response.end(JSON.stringify({ type: `urn:spool:problem:${code}`, title, status, code, detail }))
}
