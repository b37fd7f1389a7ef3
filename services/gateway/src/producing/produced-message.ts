import { isOpenMessage, type MessageState, messageOf, type RunState, runOf, type SessionState } from '@spool/events'
import { messageNotFound } from '../problems/known-problems.ts'
import { Problem } from '../problems/problem.ts'

/** A producer's message with its run, or why a producer may not write it. */
export function producedMessage(state: SessionState, id: string): { message: MessageState; run: RunState } | Problem {
  const message = messageOf(state, id)
  if (message === undefined) return messageNotFound(id)
  const run = runOf(state, message.run)
  if (run?.kind === 'external') return { message, run }
  return new Problem(409, 'message_not_produced', `Message ${id} is not that of a producer. Begin one of your own.`)
}

/** What has become of a message that takes nothing more; `null`: it does. */
export function closedBy({ message, run }: { message: MessageState; run: RunState }): Problem | null {
  if (!isOpenMessage(message)) {
    const { status, reason } = message
    return closed(`It ended as ${status}: ${reason}.`, { message_status: status, reason, ...whoCancelled(run) })
  }
  if (run.cancelRequested === null) return null
  return closed('Its run was cancelled.', { message_status: 'partial', reason: 'cancelled', ...whoCancelled(run) })
}

function whoCancelled({ cancelRequested }: RunState): object {
  if (cancelRequested === null) return {}
  const { by, reason, at } = cancelRequested
  return { cancelled: { by, reason, at } }
}

const closed = (why: string, members: Readonly<Record<string, unknown>>) =>
  new Problem(409, 'message_closed', `This message takes nothing more. ${why} What it holds is kept.`, { members })
