import { connect, type Socket } from 'node:net'
import { ChunkedBody } from './chunked-body.ts'
import type { Request } from './wire.ts'

/** What is heard on a connection, and when it was read. */
export interface Hearing {
  head(head: string, at: number): void
  /** A server-sent event, without its empty line. */
  frame(frame: string, at: number): void
  /** `whole`: with the end of its body. Nothing is heard after it. */
  ended(whole: boolean): void
}

const END_OF_HEAD = '\r\n\r\n'
/** One buffer for all: each part is read before the next one comes. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

export const now = () => performance.timeOrigin + performance.now()

/** One request over HTTP/1.1 and its answer, made to cost little: neither a client of HTTP nor a parser of JSON. */
export class Connection {
  private readonly socket: Socket
  private readonly hearing: Hearing
  private isOver = false
  private head = ''
  private body: ChunkedBody | null = null
  private rest = ''

  constructor(url: string, request: Request, hearing: Hearing) {
    const { hostname, port } = new URL(url)
    this.hearing = hearing
    this.socket = connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          if (!this.isOver) this.read(shared.toString('latin1', 0, length), now())
          return true
        },
      },
    })
    this.socket.write(textOf(request))
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => this.end(false))
  }

  /** Nothing more is heard. */
  cut(): void {
    this.isOver = true
    this.socket.destroy()
  }

  private read(part: string, at: number): void {
    let text = part
    if (this.body === null) {
      this.head += part
      const end = this.head.indexOf(END_OF_HEAD)
      if (end < 0) return
      text = this.head.slice(end + END_OF_HEAD.length)
      this.body = new ChunkedBody()
      this.hearing.head(this.head.slice(0, end), at)
      if (this.isOver) return
    }
    this.readFrames(this.rest + this.body.take(text), at)
    if (this.body.ended) this.end(true)
  }

  private readFrames(text: string, at: number): void {
    let from = 0
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n', from)) {
      this.hearing.frame(text.slice(from, end), at)
      from = end + 2
    }
    this.rest = text.slice(from)
  }

  private end(whole: boolean): void {
    if (this.isOver) return
    // Some servers keep the connection for a next request.
    this.cut()
    this.hearing.ended(whole)
  }
}

function textOf({ method, path, headers = {}, body = '' }: Request): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : ''
  const accept = 'accept: text/event-stream\r\n'
  return `${method} ${path} HTTP/1.1\r\nhost: bench\r\n${accept}${lines.join('')}${length}\r\n${body}`
}
