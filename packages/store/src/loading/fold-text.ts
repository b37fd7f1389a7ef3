import { fold, parseEvent, type SessionState, type SpoolEvent } from '@spool/events'

/** An event of a session's chain as its row holds it. */
export interface ChainRow {
  readonly seq: number
  readonly epoch: number
  readonly body: string
}

export function eventOfRow(row: ChainRow): SpoolEvent | null {
  const parsed = parseEvent(row.body)
  return parsed.ok ? parsed.event : null
}

/** The same as everywhere: what does not parse moves the position and nothing else. */
export function foldRow(state: SessionState, row: ChainRow): SessionState {
  const event = eventOfRow(row)
  return event === null ? { ...state, seq: row.seq } : fold(state, { seq: row.seq, event })
}
