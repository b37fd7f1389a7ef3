import { draft, encodeEvent, type EventFields, newId, type SpoolEvent } from '@spool/events'
import { announce, announceDone, ChainWriter, type Log, SessionErased, type SessionRef } from '@spool/log'

/** Nobody waits longer for the answer. Whoever asks again finds what was appended. */
const PATIENCE_MS = 5000

type OwnType = 'session.erased' | 'memory.deleted'

/**
 * Appends what is true whatever else is going on in a session, behind whatever is last. Resolves with its position;
 * `null` where the session has been erased.
 *
 * @param from the end of its chain, as far as it is known here
 */
export async function appendBehind<Type extends OwnType>(
  log: Log,
  ref: SessionRef,
  from: number,
  type: Type,
  fields: EventFields<Type>,
): Promise<number | null> {
  const writer = new ChainWriter(log, ref, from, { signal: AbortSignal.timeout(PATIENCE_MS) })
  // Somebody may be streaming: without this the append would come too late again and again.
  announce(log, ref, 'append')
  try {
    for (;;) {
      const body = encodeEvent(draft(type, fields) as SpoolEvent)
      const appended = await writer.append({ id: newId(), type, body })
      if (appended.outcome === 'stored') return appended.seq
      if (appended.others.some((event) => event.type === 'session.erased')) return null
      announce(log, ref, 'append')
    }
  } catch (error) {
    if (error instanceof SessionErased) return null
    throw error
  } finally {
    announceDone(log, ref)
  }
}
