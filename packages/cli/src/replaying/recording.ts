import { type Archive, type Cursor, CursorLost, type Log, type SessionRef, type StoredEvent } from '@spool/log'
import type { Connections } from '../connecting/connections.ts'
import { failed, Problem } from '../problem.ts'

/** A session as it lies in the log. */
export interface Recording {
  readonly ref: SessionRef
  /** Its last position; 0: there is no such session. */
  end(): Promise<number>
  /** Throws `CursorLost` unless the cursor is the place of one of its events. */
  check(cursor: Cursor): Promise<void>
  /** Its events with `after < seq <= until`, one unbroken chain. */
  read(after: number, until: number, signal: AbortSignal): AsyncGenerator<StoredEvent, void, undefined>
}

/** From JetStream where the events still are, else from Postgres; where NATS is away, what Postgres has. */
export async function openRecording(
  connections: Connections,
  ref: SessionRef,
  note: (text: string) => void,
): Promise<Recording> {
  try {
    return recordingIn(await connections.logBesidePersistence(), ref)
  } catch (error) {
    if (!(error instanceof Problem) || connections.settings.databaseUrl === undefined) throw error
    const recording = storedRecording(await connections.archive(), ref)
    note(`${error.message} What Postgres has is replayed.`)
    return recording
  }
}

function recordingIn(log: Log, ref: SessionRef): Recording {
  return {
    ref,
    end: () => log.lastPosition(ref),
    check: (cursor) => log.check(ref, cursor),
    read: (after, until, signal) => log.read(ref, after, until, signal, signal, 'consumer'),
  }
}

function storedRecording(archive: Archive, ref: SessionRef): Recording {
  return {
    ref,
    end: async () => (await archive.tail(ref)).seq,
    async check({ epoch, seq }) {
      if (seq === 0 || (await archive.has(ref, epoch, seq))) return
      throw new CursorLost(`${epoch}-${seq}`, 'the session has no event at that position, as far as Postgres knows')
    },
    async *read(after, until, signal) {
      let at = after
      for await (const event of archive.read(ref, after, until)) {
        signal.throwIfAborted()
        if (event.prev !== at) throw failed(`Event ${event.seq} follows ${event.prev}, but the one before it is ${at}.`)
        at = event.seq
        yield event
      }
    },
  }
}
