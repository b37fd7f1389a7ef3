import type { WebSocket } from 'ws'
import type { Caller } from '../admitting/caller.ts'
import type { SocketOutlet } from './socket-outlet.ts'

/** What may wait for a client that reads slowly before nothing more is taken for it. */
const MOST_WAITING_BYTES = 64 * 1024
const LAST_WORDS_MS = 2000
/** Clients that we send away together shall not come back together. */
const RETRY_MS = { least: 500, spread: 2500 }

/** Codes of RFC 6455. */
const RESTART = 1012
const TRY_AGAIN = 1011
const REFUSED = 1008

/** One WebSocket: what is said to its client, and what it follows. */
export class ClientSocket {
  private readonly followed = new Map<string, SocketOutlet>()
  private full = false
  private alive = true

  constructor(
    private readonly socket: WebSocket,
    readonly caller: Caller,
    readonly requestId: string,
  ) {
    socket.on('pong', () => {
      this.alive = true
    })
    socket.on('close', () => {
      for (const outlet of this.followed.values()) outlet.leave()
    })
    // Its close says all there is to say.
    socket.on('error', () => undefined)
  }

  get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN
  }

  follows(session: string): SocketOutlet | undefined {
    return this.followed.get(session)
  }

  remember(session: string, outlet: SocketOutlet): void {
    this.followed.set(session, outlet)
  }

  forget(session: string, outlet: SocketOutlet): void {
    if (this.followed.get(session) === outlet) this.followed.delete(session)
  }

  /** `false`: taken, but nothing more until there is room again. */
  send(message: Uint8Array | string, onGone?: () => void): boolean {
    if (!this.isOpen) return false
    this.socket.send(message, { binary: false }, () => {
      this.makeRoom()
      onGone?.()
    })
    this.full ||= this.socket.bufferedAmount > MOST_WAITING_BYTES
    return !this.full
  }

  /** Resolves when it has left for its client, or never can. */
  tell(message: object): Promise<void> {
    return new Promise((resolve) => {
      if (this.isOpen) this.send(JSON.stringify(message), resolve)
      else resolve()
    })
  }

  /** A client that did not answer the ping before this one is gone, whatever its connection looks like. */
  ping(): void {
    if (!this.alive) {
      this.socket.terminate()
      return
    }
    this.alive = false
    this.socket.ping()
  }

  /** Its key counts no more. */
  refuse(): void {
    this.close(REFUSED, 'the key counts no more')
  }

  /** It is to come back, and goes on where it was. */
  breakOff(): void {
    if (this.caller.counts()) this.close(TRY_AGAIN, 'come back and go on from your cursors')
    else this.refuse()
  }

  sendAway(): void {
    if (!this.isOpen) return
    void this.tell({ retry: RETRY_MS.least + Math.round(Math.random() * RETRY_MS.spread) })
    this.close(RESTART, 'this server ends, another one goes on')
  }

  private makeRoom(): void {
    if (!this.full || this.socket.bufferedAmount > 0) return
    this.full = false
    for (const outlet of this.followed.values()) outlet.goOn()
  }

  private close(code: number, reason: string): void {
    if (!this.isOpen) return
    this.socket.close(code, reason)
    // A client that is gone answers nothing.
    setTimeout(() => this.socket.terminate(), LAST_WORDS_MS).unref()
  }
}
