import { frameOf, type StoredEvent } from '@spool/log'

/** What a client waits before it comes back. */
const RETRY_MS = 1000

/** How a stream writes what happens in a session for one client. */
export interface Wire {
  /** Absent: as often as the server does by itself. */
  readonly keepAliveMs?: number
  /** How long the stream may be open where nothing else is set. */
  readonly maxMs?: number
  /** Before any event. */
  begin?(): Uint8Array
  /** Fetches what the frames of an event need beside it; `undefined`: nothing. Nothing else is written meanwhile. */
  prepare?(event: StoredEvent): Promise<void> | undefined
  /** What is written for an event; `null`: nothing. */
  frames(event: StoredEvent, session: string): Uint8Array | null
  /** What has come together for a client that wants it in larger pieces, once they are due. */
  readonly flushMs?: number
  flush?(): Uint8Array | null
  /** So that nobody takes silence for a broken connection. `remark`: for people, why nothing may be coming. */
  keepAlive(remark: string): string
  /** Whether nothing is left to be said but the last words, whatever may still happen in the session. */
  readonly over?: boolean
  /** Has to be so before the last words may be said; until then the stream is kept alive. */
  readyToClose?(position: number, signal: AbortSignal): Promise<void>
  /** The last words. */
  close?(ending: Ending, place: Place): Uint8Array | null
}

/** How far a stream has come. */
export interface Place {
  readonly session: string
  readonly cursor: string
}

/** Why a stream is ended by us in an orderly way. */
export type Ending =
  /** Everything was sent. */
  | 'finished'
  /** It has been open for as long as one may be. */
  | 'time_limit'
  /** What the client had cannot be continued. */
  | 'reset'

/** Spool's own: an event is a frame. */
export const NATIVE: Wire = {
  frames: frameOf,
  keepAlive: (remark) => `: ${remark}\n\n`,
  close: (ending, { cursor }) => (ending === 'time_limit' ? limitFrame(cursor) : null),
}

/** Without an id: the place of the last event stays the client's. */
export function limitFrame(cursor: string): Uint8Array {
  const data = JSON.stringify({ reason: 'stream_duration', cursor })
  return Buffer.from(`event: limit\nretry: ${RETRY_MS}\ndata: ${data}\n\n`)
}
