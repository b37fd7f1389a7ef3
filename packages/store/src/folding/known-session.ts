import { openPart, type SessionState } from '@spool/events'
import type { OpenSession } from '../loading/open-sessions.ts'

/** How much of a message its row holds, in UTF-16 units. */
export type WrittenSizes = ReadonlyMap<string, number>

/** What the projector remembers of a session between two batches: nothing that its rows could not give again. */
export interface KnownSession {
  readonly state: SessionState
  readonly epoch: number
  /** Whether it has a row. */
  readonly known: boolean
  readonly written: WrittenSizes
}

export function remembered(session: OpenSession): KnownSession {
  // What streams is written anew at the next growth: how much the row holds is not worth asking.
  return { ...session, state: openPart(session.state), written: new Map() }
}
