import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Random } from '../random.ts'
import { RecordedLog } from './recorded-log.ts'
import { gateways, type Hear, type Reach, type Watcher } from './watcher.ts'

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

/** Follows a session over a WebSocket of its own, at one gateway after the other. */
export class WebSocketFollower implements Watcher {
  readonly log: RecordedLog
  readonly over: Promise<void>
  private readonly what: SocketFollowing
  private readonly reach: Reach
  private readonly random: Random
  private readonly hear: Hear
  private readonly nextUrl: () => string
  private socket: WebSocket | null = null
  private silence: NodeJS.Timeout | undefined
  private lastId: string
  private lastSeq = 0
  private retryMs: number | null = null
  private endSeq = Infinity
  private hasSeenAll = false

  constructor(what: SocketFollowing, reach: Reach, random: Random, hear: Hear) {
    this.what = what
    this.reach = reach
    this.random = random
    this.hear = hear
    this.nextUrl = gateways(reach.urls, random)
    this.lastId = what.after ?? '0'
    this.log = new RecordedLog('web-socket', what.session, null, what.after ?? null)
    this.over = this.follow().finally(() => this.log.over())
  }

  get standing(): string {
    const { log, lastId, endSeq, socket } = this
    return `${log.kind} at ${lastId} of ${endSeq} after ${log.reconnects} reconnects, ${socket?.url} in state ${socket?.readyState}`
  }

  endAt(seq: number): void {
    this.endSeq = seq
    this.look()
  }

  private async follow(): Promise<void> {
    for (let isFirst = true; ; isFirst = false) {
      if (!isFirst) this.log.reconnects++
      await this.connect()
      if (this.hasSeenAll) return
      await sleep(this.retryMs ?? this.random.between(50, 300))
      this.retryMs = null
      // Somebody may have said meanwhile that what it saw last was the end.
      if (this.hasSeenAll) return
    }
  }

  private async connect(): Promise<void> {
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
      socket.send(JSON.stringify({ op: 'follow', id: 1, session: this.what.session, after: this.lastId }))
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
    this.lastSeq = event.seq
    this.hear(event)
    this.look()
  }

  private refused({ status, code }: { status: number; code: string }): void {
    const isExpected = status === 503 || status === 429 || (status === 404 && this.what.isNew === true)
    if (!isExpected) this.log.fault(`was refused: ${status} ${code}`)
    if (status === 404) this.retryMs = this.random.between(300, 900)
    this.socket?.terminate()
  }

  /** Whatever came with the last event is still read. */
  private look(): void {
    if (this.lastSeq < this.endSeq || this.hasSeenAll) return
    this.hasSeenAll = true
    setImmediate(() => this.socket?.terminate())
  }
}
