import type { Cursor } from './cursor.ts'

/**
 * An event of a session, with its place. The fields beside these depend on `type`; a type that this release does not
 * know is delivered all the same.
 */
export interface ClientEvent {
  /** Follow from here to see what comes next. */
  readonly cursor: Cursor
  readonly type: string
  readonly session: string
  readonly seq: number
  /** The position of the session's event before this one. */
  readonly prev: number
  /** Whose it is. */
  readonly run?: string
  readonly [field: string]: unknown
}

/**
 * The server could not go on where this client was (its store was restored, or the cursor was never its own). What
 * was seen so far is to be replaced by `state`; the events that follow come after `cursor`.
 */
export interface ResetEvent extends ClientEvent {
  readonly type: 'reset'
  readonly reason: string
  readonly state: Readonly<Record<string, unknown>>
}

export function isReset(event: ClientEvent): event is ResetEvent {
  return event.type === 'reset'
}
