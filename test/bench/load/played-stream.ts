import { connect, type Socket } from 'node:net'
import { ChunkedBody } from './chunked-body.ts'
import type { Play } from './load-commands.ts'
import { TokenCheck } from './token-check.ts'
import type { Reading, Request } from './wire.ts'

export const now = () => performance.timeOrigin + performance.now()

const COMES_BACK_AFTER_MS = 50
/** One buffer for all: each part is read before the next one comes. */
const shared = Buffer.allocUnsafeSlow(256 * 1024)

/** One client and its stream, made to cost little: no HTTP client, no parser of JSON. */
export class PlayedStream {
  done = false
  lostConnections = 0
  readonly check = new TokenCheck()
  /** Of tokens that count, how late each was read. */
  readonly lateness: number[] = []
  events = 0
  private problem: string | undefined
  private socket: Socket | null = null
  private head = ''
  private body: ChunkedBody | null = null
  private rest = ''
  /** From when on tokens count. */
  private countsFrom: number
  private isCut = false
  private readonly play: Play
  readonly reading: Reading

  constructor(play: Play, reading: Reading) {
    this.play = play
    this.reading = reading
    this.countsFrom = play.resumed ? Infinity : play.from
  }

  get fault(): string | undefined {
    const missing = this.done && this.check.count !== this.play.tokens
    return (
      this.problem ??
      this.check.problem ??
      this.reading.problems[0] ??
      (missing ? `${this.check.count} tokens of ${this.play.tokens}` : undefined)
    )
  }

  begin(): void {
    this.ask(this.reading.begin())
  }

  /** As a network does it: from one moment to the next. Comes back a moment later. */
  cut(): void {
    const began = this.check.count > 0
    if (!began) {
      setTimeout(() => this.cut(), COMES_BACK_AFTER_MS)
      return
    }
    if (this.done) return
    this.drop()
    this.isCut = true
    setTimeout(() => this.ask(this.reading.resume()), COMES_BACK_AFTER_MS)
  }

  drop(): void {
    const { socket } = this
    this.socket = null
    socket?.destroy()
  }

  private ask({ method, path, headers = {}, body = '' }: Request): void {
    this.head = ''
    this.body = null
    this.rest = ''
    const { hostname, port } = new URL(this.play.url)
    const socket = connect({
      port: Number(port),
      host: hostname,
      noDelay: true,
      onread: {
        buffer: shared,
        callback: (length) => {
          if (this.socket === socket) this.read(shared.toString('latin1', 0, length), now())
          return true
        },
      },
    })
    this.socket = socket
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const length = method === 'POST' ? `content-length: ${Buffer.byteLength(body)}\r\n` : ''
    socket.write(
      `${method} ${path} HTTP/1.1\r\nhost: bench\r\naccept: text/event-stream\r\n${lines.join('')}${length}\r\n${body}`,
    )
    socket.on('error', () => undefined)
    socket.on('close', () => {
      if (this.socket === socket) this.closed()
    })
  }

  private closed(): void {
    this.socket = null
    if (this.done) return
    this.lostConnections++
    const again = this.check.count > 0 ? this.reading.resume() : this.reading.begin()
    setTimeout(() => this.ask(again), COMES_BACK_AFTER_MS)
  }

  private read(part: string, at: number): void {
    let text = part
    if (this.body === null) {
      this.head += part
      const end = this.head.indexOf('\r\n\r\n')
      if (end < 0) return
      text = this.head.slice(end + 4)
      this.open(this.head.slice(0, end), at)
    }
    this.takeFrames(this.rest + this.body!.take(text), at)
    if (this.body!.ended) this.ended()
  }

  private open(head: string, at: number): void {
    this.body = new ChunkedBody()
    if (!head.startsWith('HTTP/1.1 200')) this.problem ??= head.slice(0, head.indexOf('\r\n'))
    if (!/^transfer-encoding: chunked/im.test(head)) this.problem ??= `not in chunks: ${head}`
    this.reading.opened(head)
    if (this.isCut) this.countsFrom = Math.max(this.play.from, at)
  }

  private ended(): void {
    // Some servers keep the connection for a next request.
    this.done = this.check.count >= this.play.tokens
    if (this.done) this.drop()
    else this.socket?.destroy()
  }

  private takeFrames(text: string, at: number): void {
    let from = 0
    for (;;) {
      const end = text.indexOf('\n\n', from)
      if (end < 0) break
      this.takeFrame(text.slice(from, end), at)
      from = end + 2
    }
    this.rest = text.slice(from)
  }

  private takeFrame(frame: string, at: number): void {
    const tokens = this.reading.take(frame)
    if (tokens === '') return
    const counted = this.lateness.length
    this.check.take(tokens, (made) => {
      if (made >= this.countsFrom && made < this.play.until) this.lateness.push(at - made)
    })
    if (this.lateness.length > counted) this.events++
  }
}
