import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { ReceivedEvent } from './http.ts'
import { KEY } from './system.ts'

export interface SocketMessage {
  readonly re?: string | number | null
  readonly ok?: Readonly<Record<string, unknown>>
  readonly error?: { readonly status: number; readonly code: string; readonly detail: string }
  readonly session?: string
  readonly id?: string
  readonly event?: ReceivedEvent
  readonly reset?: { readonly reason: string; readonly cursor: string }
  readonly end?: true
  readonly retry?: number
}

/** A client of the WebSocket, as one would write it. */
export class SocketClient {
  readonly messages: SocketMessage[] = []
  readonly closed: Promise<{ code: number; reason: string }>
  private readonly waiting = new Set<() => void>()
  private asked = 0

  private constructor(readonly socket: WebSocket) {
    socket.on('message', (data) => {
      this.messages.push(JSON.parse((data as Buffer).toString()) as SocketMessage)
      for (const look of this.waiting) look()
    })
    const closed = Promise.withResolvers<{ code: number; reason: string }>()
    this.closed = closed.promise
    socket.on('close', (code, reason) => closed.resolve({ code, reason: reason.toString() }))
    socket.on('error', () => undefined)
  }

  static async open(url: string, { key = KEY }: { key?: string | null } = {}): Promise<SocketClient> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/v1/ws`, {
      headers: key === null ? {} : { authorization: `Bearer ${key}` },
    })
    const client = new SocketClient(socket)
    await once(socket, 'open')
    return client
  }

  /** Sends an operation, and waits for its answer. */
  async ask(operation: Record<string, unknown>): Promise<SocketMessage> {
    const id = ++this.asked
    this.socket.send(JSON.stringify({ ...operation, id }))
    return this.until(({ re }) => re === id)
  }

  eventsOf(session: string): ReceivedEvent[] {
    return this.messages.flatMap((message) => (message.session === session && message.event ? [message.event] : []))
  }

  async until(isIt: (message: SocketMessage) => boolean): Promise<SocketMessage> {
    for (;;) {
      const found = this.messages.find(isIt)
      if (found !== undefined) return found
      const look = Promise.withResolvers<void>()
      this.waiting.add(look.resolve)
      await look.promise
      this.waiting.delete(look.resolve)
    }
  }

  untilType(session: string, type: string): Promise<SocketMessage> {
    return this.until((message) => message.session === session && message.event?.type === type)
  }

  close(): void {
    this.socket.terminate()
  }
}
