import { type ClientRequest, type IncomingMessage, request } from 'node:http'

export interface SseFrame {
  readonly id: string | null
  readonly event: string | null
  readonly data: string
  /** As it came. */
  readonly text: string
}

export interface SseRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Sent by POST, as JSON. */
  readonly body?: object | undefined
  /** Hangs up when nothing came for so long. */
  readonly silentMs: number
  readonly onOpen?: (response: IncomingMessage) => void
  readonly onFrame: (frame: SseFrame) => void
}

export interface Closed {
  /** Null: there was no answer. */
  readonly status: number | null
  /** `ended`: by the server, in good order; `cut`: by us. */
  readonly how: 'ended' | 'broken' | 'silent' | 'cut'
  /** The server asked for it when it sent us away. */
  readonly retryMs: number | null
  /** Of an answer that is no stream. */
  readonly body: string
}

/** An answer to a request begins within this; as a stream it may then last. */
const ANSWER_MS = 10_000

/** One connection with one stream, read with nothing but Node, and nothing put right. */
export class SseConnection {
  readonly closed: Promise<Closed>
  /** So many bytes of the stream are read, and nothing behind them. */
  mostBytes = Infinity
  frames = 0
  private readonly what: SseRequest
  private readonly request: ClientRequest
  private readonly settled = Promise.withResolvers<Closed>()
  private readonly decoder = new TextDecoder('utf-8', { fatal: true })
  private response: IncomingMessage | null = null
  private how: Closed['how'] = 'broken'
  private isSettled = false
  private bytes = 0
  private rest = ''
  private body = ''
  private retries: number[] = []
  private readonly openedAt = performance.now()

  constructor(what: SseRequest) {
    this.what = what
    this.closed = this.settled.promise
    const { body, headers, silentMs } = what
    const text = body === undefined ? undefined : JSON.stringify(body)
    this.request = request(what.url, {
      agent: false,
      method: text === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'text/event-stream',
        'accept-encoding': 'identity',
        ...(text !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
        ...headers,
      },
    })
    this.request.setTimeout(Math.min(ANSWER_MS, silentMs), () => this.hangUp('silent'))
    this.request.on('error', () => undefined).on('close', () => this.settle())
    this.request.on('response', (response) => this.open(response))
    this.request.end(text)
  }

  get standing(): string {
    const { what, response, frames, bytes, openedAt } = this
    const forS = ((performance.now() - openedAt) / 1000).toFixed(1)
    return `${what.url} answered ${response?.statusCode ?? 'nothing'}, ${frames} frames and ${bytes} bytes in ${forS} s`
  }

  cut(): void {
    this.hangUp('cut')
  }

  /** Reads nothing for so long; the server has to wait. */
  hold(ms: number): void {
    this.response?.pause()
    setTimeout(() => this.response?.resume(), ms).unref()
  }

  /** All that it may read was read. */
  get isFull(): boolean {
    return this.bytes >= this.mostBytes
  }

  private open(response: IncomingMessage): void {
    this.response = response
    this.request.setTimeout(this.what.silentMs)
    const isStream = response.statusCode === 200
    if (isStream) this.what.onOpen?.(response)
    response.on('data', (chunk: Buffer) => (isStream ? this.take(chunk) : void (this.body += chunk.toString())))
    response.on('end', () => this.how !== 'cut' && (this.how = 'ended'))
    response.on('error', () => undefined)
  }

  private take(chunk: Buffer): void {
    if (this.how === 'cut' || this.isSettled) return
    const room = this.mostBytes - this.bytes
    this.bytes += chunk.length
    this.rest += this.decoder.decode(chunk.length > room ? chunk.subarray(0, Math.max(0, room)) : chunk, {
      stream: true,
    })
    for (let end = this.rest.indexOf('\n\n'); end >= 0; end = this.rest.indexOf('\n\n')) {
      const text = this.rest.slice(0, end)
      this.rest = this.rest.slice(end + 2)
      this.block(text)
    }
    if (this.isFull) this.cut()
  }

  private block(text: string): void {
    let [id, event, data]: (string | null)[] = [null, null, null]
    for (const line of text.split('\n')) {
      if (line.startsWith('data: ')) data = data === null ? line.slice(6) : `${data}\n${line.slice(6)}`
      else if (line.startsWith('id: ')) id = line.slice(4)
      else if (line.startsWith('event: ')) event = line.slice(7)
      else if (line.startsWith('retry: ')) this.retries.push(Number(line.slice(7)))
    }
    if (data === null || data === undefined) return
    this.frames++
    this.what.onFrame({ id: id ?? null, event: event ?? null, data, text })
  }

  private hangUp(how: 'silent' | 'cut'): void {
    this.how = how
    this.request.destroy()
  }

  private settle(): void {
    const { how, body, retries, response } = this
    // Who had stopped reading may have bytes left that nobody waits for any more.
    this.isSettled = true
    // The first is in every stream, the second says that this server ends.
    this.settled.resolve({ status: response?.statusCode ?? null, how, body, retryMs: retries[1] ?? null })
  }
}
