import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import type { StoredEvent } from '../stored-event.ts'
import { endOfSubject } from './from-leader.ts'
import { fromStream } from './from-stream.ts'

/** What the stream itself holds of a session in `(after, until]`, whatever the archive has: for who compares the two. */
export function sessionInStream(
  log: Log,
  ref: SessionRef,
  after: number,
  until: number,
  signal?: AbortSignal,
): AsyncGenerator<StoredEvent, void, undefined> {
  const { subjects } = log
  const place = { stream: subjects.logStream(ref), subject: subjects.log(ref), epoch: log.epochOf(ref) }
  return fromStream(log.bus, { ...place, after, until, signal })
}

/** With what a session's subject ends in the stream. `null`: nothing is there. */
export function endInStream({ bus, subjects }: Log, ref: SessionRef) {
  return endOfSubject(bus, subjects.logStream(ref), subjects.log(ref))
}
