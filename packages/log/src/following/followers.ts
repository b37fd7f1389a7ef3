import { errors } from '@nats-io/nats-core'
import type { Log } from '../log.ts'
import type { SessionRef } from '../naming/session-ref.ts'
import { sessionOfLogSubject } from '../naming/subjects.ts'
import { retryDelay } from '../waiting.ts'

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

/**
 * Whether any gateway has somebody who follows the session. Silence counts only on a steady connection: after an
 * outage of the bus a gateway may come back later than the one that asks.
 */
export async function askFollowers(log: Log, ref: SessionRef, signal?: AbortSignal): Promise<boolean> {
  for (;;) {
    const wasSteady = log.bus.steady
    if (await anybodyAnswers(log, ref)) return true
    if (wasSteady && log.bus.steady) return false
    await retryDelay(2, signal)
  }
}

async function anybodyAnswers(log: Log, ref: SessionRef): Promise<boolean> {
  try {
    const answers = await log.bus.nc.requestMany(log.subjects.followers(ref), '', {
      strategy: 'count',
      maxMessages: 1,
      maxWait: ASK_MS,
    })
    for await (const answer of answers) if (answer.data.length > 0) return true
  } catch (error) {
    // Without any gateway there is nobody to answer.
    if (!(error instanceof errors.NoRespondersError) && !(error instanceof errors.RequestError)) throw error
  }
  return false
}
