import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { type SseFrame, SseParser } from '@spool/client'
import { KEY } from './system.ts'

export interface CallOptions {
  method?: string
  key?: string | null
  headers?: Record<string, string>
  /** Sent as JSON. */
  body?: unknown
  /** Sent as it is. */
  raw?: string | Uint8Array
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: Record<string, unknown>
}

/** One request, with a path that nobody normalises. */
export async function call(url: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await send(url, path, options)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const isJson = /json/.test(response.headers['content-type'] ?? '')
  return {
    status: response.statusCode!,
    headers: response.headers,
    text,
    json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  }
}

async function send(url: string, path: string, options: CallOptions): Promise<IncomingMessage> {
  const { key = KEY, body, raw, headers = {} } = options
  const { hostname, port } = new URL(url)
  const sent = body === undefined ? raw : JSON.stringify(body)
  const outgoing = request({
    hostname,
    port,
    path,
    method: options.method ?? (sent === undefined ? 'GET' : 'POST'),
    agent: false,
    headers: {
      ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      ...(sent === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) }),
      ...headers,
    },
  })
  outgoing.end(sent)
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return response
}

export interface ReceivedEvent {
  type: string
  seq: number
  prev: number
  run?: string
  text?: string
  [field: string]: unknown
}

/** A client that reads a stream, or does not, and can be cut off. */
export class Watcher {
  readonly frames: SseFrame[] = []
  readonly parser = new SseParser()
  raw = ''
  /** Resolves when the response is over; `true`: it ended properly. */
  readonly over: Promise<boolean>
  private readonly waiting = new Set<() => void>()

  private constructor(private readonly response: IncomingMessage) {
    const over = Promise.withResolvers<boolean>()
    this.over = over.promise
    response.on('data', (chunk: Buffer) => {
      this.raw += chunk.toString('latin1')
      this.frames.push(...this.parser.push(chunk))
      for (const look of this.waiting) look()
    })
    response.on('error', () => undefined)
    response.on('close', () => {
      over.resolve(response.complete)
      for (const look of this.waiting) look()
    })
  }

  static async open(url: string, path: string, options: CallOptions = {}): Promise<Watcher> {
    const response = await send(url, path, {
      ...options,
      headers: { accept: 'text/event-stream', ...options.headers },
    })
    return new Watcher(response)
  }

  get status(): number {
    return this.response.statusCode!
  }

  get headers(): IncomingHttpHeaders {
    return this.response.headers
  }

  get events(): ReceivedEvent[] {
    return this.frames
      .filter((frame) => frame.event !== 'reset')
      .map((frame) => JSON.parse(frame.data) as ReceivedEvent)
  }

  get text(): string {
    return this.events.map((event) => (event.type === 'text.delta' ? event.text : '')).join('')
  }

  get cursor(): string {
    return this.frames.at(-1)?.id ?? '0'
  }

  async until(condition: (watcher: Watcher) => boolean): Promise<this> {
    while (!condition(this)) {
      if (this.response.destroyed) throw new Error(`the stream was over before: ${this.raw.slice(-500)}`)
      const look = Promise.withResolvers<void>()
      this.waiting.add(look.resolve)
      await look.promise
      this.waiting.delete(look.resolve)
    }
    return this
  }

  untilType(type: string): Promise<this> {
    return this.until(() => this.frames.some((frame) => frame.event === type))
  }

  stopReading(): void {
    this.response.pause()
  }

  readOn(): void {
    this.response.resume()
  }

  cut(): void {
    this.response.destroy()
  }
}

export const startRun = (url: string, session: string, body: object, headers: Record<string, string> = {}) =>
  Watcher.open(url, `/v1/sessions/${session}/runs`, { body, headers })

/** What is wrong with the chain that a client saw, or nothing. */
export function chainFault(events: readonly ReceivedEvent[], after = 0): string | null {
  let last = after
  for (const { seq, prev, type } of events) {
    if (prev !== last) return `${type} ${seq} follows ${prev}, not ${last}`
    last = seq
  }
  return null
}
