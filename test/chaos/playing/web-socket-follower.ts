import { WebSocket } from 'ws'
import type { Random } from '../random.ts'
import { RecordedLog } from './recorded-log.ts'
import { ReturningWatcher } from './returning-watcher.ts'
import type { Hear, Reach } from './watcher.ts'

interface Message {
  readonly session?: string
  readonly id?: string
  readonly event?: { readonly seq: number }
  readonly reset?: unknown
  readonly end?: true
  readonly retry?: number
  readonly error?: { readonly status: number; readonly code: string }
}

export interface SocketFollowing {
  readonly session: string
  readonly after?: string | null
  /** Its first message may not have been sent yet. */
  readonly isNew?: boolean
  /** Also hangs up by itself, again and again. */
  readonly isRestless: boolean
}

/** A message holds the event as it came, behind the names of its session and its cursor. */
const EVENT = ',"event":'
const HANDSHAKE_MS = 10_000
/** This server ends; it cannot go on; and whatever the way there has done to the connection. */
const COME_BACK: ReadonlySet<number> = new Set([1012, 1011, 1006, 1005])

/** Follows a session over a WebSocket of its own. */
export class WebSocketFollower extends ReturningWatcher {
  private readonly what: SocketFollowing
  private readonly hear: Hear
  private socket: WebSocket | null = null
  private silence: NodeJS.Timeout | undefined
  private retryMs: number | null = null

  constructor(what: SocketFollowing, reach: Reach, random: Random, hear: Hear) {
    super(new RecordedLog('web-socket', what.session, null, what.after), reach, random)
    this.what = what
    this.hear = hear
  }

  protected override get place(): string {
    return `${this.socket?.url} in state ${this.socket?.readyState}`
  }

  protected override hangUp(): void {
    this.socket?.terminate()
  }

  protected override async connect(): Promise<number | null> {
    this.retryMs = null
    const closed = Promise.withResolvers<void>()
    const socket = new WebSocket(`${this.nextUrl().replace('http', 'ws')}/v1/ws`, {
      headers: { authorization: `Bearer ${this.reach.key}` },
      handshakeTimeout: Math.min(HANDSHAKE_MS, this.reach.silentMs),
      perMessageDeflate: false,
    })
    this.socket = socket
    this.silence = setTimeout(() => socket.terminate(), this.reach.silentMs)
    const isAlive = () => this.silence?.refresh()
    socket.on('error', () => undefined)
    socket.on('open', () => {
      isAlive()
      socket.send(JSON.stringify({ op: 'follow', id: 1, session: this.what.session, after: this.lastId ?? '0' }))
    })
    socket.on('ping', isAlive)
    socket.on('message', (data) => {
      isAlive()
      this.take((data as Buffer).toString())
    })
    socket.on('unexpected-response', (_, { statusCode }) => {
      if (statusCode !== 503 && statusCode !== 429) this.log.fault(`was answered ${statusCode}`)
      socket.terminate()
    })
    socket.on('close', (code, reason) => {
      if (!this.hasSeenAll && !COME_BACK.has(code)) this.log.fault(`was closed with ${code} ${reason.toString()}`)
      closed.resolve()
    })
    const tired = this.what.isRestless ? setTimeout(() => socket.terminate(), this.random.between(20, 8000)) : undefined
    await closed.promise
    clearTimeout(tired)
    clearTimeout(this.silence)
    return this.retryMs
  }

  private take(text: string): void {
    const message = JSON.parse(text) as Message
    const { session, id, error } = message
    if (message.retry !== undefined) this.retryMs = message.retry
    else if (error !== undefined) this.refused(error)
    else if (message.reset !== undefined || message.end !== undefined) this.log.fault(`was told ${text}`)
    if (message.event === undefined) return
    const event = this.log.event(text.slice(text.indexOf(EVENT) + EVENT.length, -1))
    if (event === null) return
    if (session !== this.what.session || id !== `1-${event.seq}`) {
      this.log.fault(`the message of ${session} ${id} holds ${event.seq}`)
    }
    this.lastId = String(id)
    this.hear(event)
    this.saw(event.seq)
  }

  private refused({ status, code }: { status: number; code: string }): void {
    const isExpected = status === 503 || status === 429 || (status === 404 && this.what.isNew === true)
    if (!isExpected) this.log.fault(`was refused: ${status} ${code}`)
    if (status === 404) this.retryMs = this.random.between(300, 900)
    this.socket?.terminate()
  }
}
