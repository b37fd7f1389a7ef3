import { CursorLost } from '../errors.ts'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { nextOnSubject } from './from-leader.ts'

/** The session's event at a position: from JetStream, else from the archive. Its `prev` is where a reader begins. */
export async function eventAt(log: Log, ref: SessionRef, seq: number, signal?: AbortSignal): Promise<StoredEvent> {
  const subject = log.subjects.log(ref)
  const stored = await nextOnSubject(log.bus, log.subjects.logStream(ref), subject, seq - 1, log.epochOf(ref))
  if (stored?.seq === seq) return stored
  return log.askArchive(async () => {
    for await (const archived of log.archive.read(ref, seq - 1, seq)) if (archived.seq === seq) return archived
    throw new CursorLost(`${log.epochOf(ref)}-${seq}`, 'the session has no event at that position')
  }, signal)
}
