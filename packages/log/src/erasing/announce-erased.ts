import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { erasedSubjects, sessionOfLogSubject } from '../naming/subjects.ts'

/** For who keeps something of a session outside NATS and Postgres. It may be lost: look again after a time away. */
export function announceErased({ bus, subjects }: Log, ref: SessionRef): void {
  bus.nc.publish(subjects.erased(ref))
}

/** Told of each session that somebody says was erased; the log knows whether that is so. */
export function onErased({ bus }: Log, hear: (ref: SessionRef) => void): () => void {
  const subscription = bus.nc.subscribe(erasedSubjects, {
    callback: (error, message) => {
      if (!error) hear(sessionOfLogSubject(message.subject))
    },
  })
  return () => subscription.unsubscribe()
}
