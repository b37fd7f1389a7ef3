import { type Log, QueueFull, currentTrace, enqueue, REPLY_HEADER, type ReplyInbox } from '@spool/log'
import { busUnavailable } from '../problems/known-problems.ts'

/** How long a request may take to become safe. */
const GIVE_UP_MS = 6000

/**
 * Puts a request where the orchestrator finds it; resolves when it is safe there. While the bus does not say so it is
 * sent again. A second copy must not be taken after the first was refused, so the queue is told to keep only one.
 */
export async function queueRequest(
  log: Log,
  subject: string,
  request: object,
  inbox: Pick<ReplyInbox, 'subject'>,
): Promise<void> {
  if (!log.bus.connected) throw busUnavailable()
  const trace = currentTrace()
  // The subject ends in the request's own id.
  const once = { 'Nats-Msg-Id': subject }
  const head = { ...once, [REPLY_HEADER]: inbox.subject, ...(trace === undefined ? {} : { traceparent: trace }) }
  const body = JSON.stringify(request)
  const startedAt = Date.now()
  for (;;) {
    try {
      return await enqueue(log, subject, body, head)
    } catch (error) {
      if (error instanceof QueueFull) throw error
      if (Date.now() - startedAt > GIVE_UP_MS || !log.bus.connected) throw busUnavailable(error)
    }
  }
}
