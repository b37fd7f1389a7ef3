import type { Caller } from '../admitting/caller.ts'
import type { Outlet } from '../streaming/outlet.ts'
import type { ClientSocket } from './client-socket.ts'

/** One followed session of a WebSocket. */
export class SocketOutlet implements Outlet {
  private drained: (() => void) | undefined
  private closed: (() => void)[] = []
  private isOpen = true

  constructor(
    private readonly socket: ClientSocket,
    private readonly session: string,
  ) {}

  get caller(): Caller {
    return this.socket.caller
  }

  write(...frames: Uint8Array[]): boolean {
    return frames.map((frame) => this.socket.send(frame)).every(Boolean)
  }

  sign(): void {
    // The socket as a whole is kept alive.
  }

  /** After the last event that there can be. */
  end(): void {
    void this.socket.tell({ session: this.session, end: true })
    this.leave()
  }

  sendAway(): void {
    this.socket.sendAway()
  }

  /** The client comes back with all that it follows. */
  abort(): void {
    this.socket.breakOff()
  }

  onDrain(listener: () => void): void {
    this.drained = listener
  }

  onClose(listener: () => void): void {
    this.closed.push(listener)
  }

  /** There is room again. */
  goOn(): void {
    this.drained?.()
  }

  /** The client follows it no more, or is gone. */
  leave(): void {
    if (!this.isOpen) return
    this.isOpen = false
    this.socket.forget(this.session, this)
    for (const listener of this.closed) listener()
  }
}
