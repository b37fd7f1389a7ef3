import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { sessionOfLogSubject } from '../naming/subjects.ts'

const ASK_MS = 300

/** A gateway's side: says that somebody follows a session here. Where nobody does it is silent. */
export function answerFollowers(log: Log, isFollowed: (ref: SessionRef) => boolean): () => void {
  const subscription = log.bus.nc.subscribe('followers.*.*.*', {
    callback: (error, message) => {
      if (!error && isFollowed(sessionOfLogSubject(message.subject))) message.respond('yes')
    },
  })
  return () => subscription.unsubscribe()
}

/** Whether any gateway has somebody who follows the session. */
export async function askFollowers(log: Log, ref: SessionRef): Promise<boolean> {
  const answers = await log.bus.nc.requestMany(log.subjects.followers(ref), '', {
    strategy: 'count',
    maxMessages: 1,
    maxWait: ASK_MS,
  })
  // Without any gateway NATS answers itself, with an empty message.
  for await (const answer of answers) if (answer.data.length > 0) return true
  return false
}
