import { type IncomingMessage, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Answer {
  readonly status: number
  readonly contentType: string
  /** Packed in a way that was not asked for. */
  readonly packed: boolean
  readonly retryAfterMs: number
  readonly body: Buffer
  /** There was more than may be read. */
  readonly cut: boolean
}

/** No whole answer came. `sent`: the other side may have got the request, and may have done what it asks for. */
export class NoAnswer extends Error {
  constructor(
    readonly sent: boolean,
    cause: unknown,
  ) {
    super(reasonOf(cause), { cause })
  }
}

export interface PostOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly maxAnswerBytes: number
  readonly signal: AbortSignal
}

/**
 * One request on a connection of its own: on one that was used before, nobody can tell a request that was lost from one
 * that arrived. Follows no redirect; has no time limit but the signal.
 */
export function post(url: string, body: string, { headers, maxAnswerBytes, signal }: PostOptions): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const target = new URL(url)
    const isTls = target.protocol === 'https:'
    const request = (isTls ? httpsRequest : httpRequest)(target, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'accept-encoding': 'identity', 'content-length': Buffer.byteLength(body) },
      signal,
    })
    let sent = false
    const fail = (error: unknown) => reject(new NoAnswer(sent, error))
    // Until here nothing of it can have left this machine.
    request.on('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => (sent = true)))
    request.on('error', fail)
    // Of an answer that wants another protocol Node.js says nothing more than this.
    request.on('upgrade', (_response, socket) => {
      socket.destroy()
      fail(Object.assign(new Error('it wants another protocol'), { code: 'upgrade' }))
    })
    request.on('response', (response) => {
      response.on('error', fail)
      readAnswer(response, maxAnswerBytes).then(resolve, fail)
    })
    request.end(body)
  })
}

async function readAnswer(response: IncomingMessage, maxBytes: number): Promise<Answer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) break
  }
  const { headers } = response
  return {
    status: response.statusCode!,
    contentType: headers['content-type'] ?? '',
    packed: !['', 'identity'].includes(headers['content-encoding'] ?? ''),
    retryAfterMs: 1000 * (Number(headers['retry-after']) || 0),
    body: Buffer.concat(chunks),
    cut: bytes > maxBytes,
  }
}

function reasonOf(cause: unknown): string {
  const { code, name } = cause as { code?: unknown; name?: unknown }
  return typeof code === 'string' ? code : String(name)
}
