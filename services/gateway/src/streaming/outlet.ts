import type { Caller } from '../admitting/caller.ts'

/** Where a stream is written to. It holds nothing back: what has no room is not taken. */
export interface Outlet {
  readonly caller: Caller
  /** The other end of the connection, where it is this stream's alone: `nameOf` its address and port. */
  readonly peer?: string
  /** In this order, in one piece where that is possible. `false`: taken, but nothing more until it drains. */
  write(...frames: Uint8Array[]): boolean
  /** A sign of life. To a client that does not read, nothing is added. */
  sign(frame: string): void
  /** Nothing more comes, and that is right so. */
  end(): void
  /** Ends it because this process ends; the client is to come back to another one. */
  sendAway(): void
  /** Breaks it off so that the client notices that it was not the end. */
  abort(): void
  onDrain(listener: () => void): void
  onClose(listener: () => void): void
}
