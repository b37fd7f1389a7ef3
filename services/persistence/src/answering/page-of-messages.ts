import type { MessageState } from '@spool/events'
import { type LoadedSession, loadSession } from '@spool/store'
import type { z } from 'zod'
import type { AnsweringContext } from './answers.ts'
import type { messagesAsk } from './ask.ts'
import { sessionStoodAt } from './stood-at.ts'

export interface PageOfMessages {
  readonly page: readonly MessageState[]
  /** `null`: there are no more for now. */
  readonly next: string | null
  readonly loaded: LoadedSession
}

/**
 * Messages that people are shown, in the order of the conversation, by where they began: so a page stays what it was,
 * whatever comes. What is asked of a model and has no word yet is nothing to show, and is never passed over.
 */
export async function pageOfMessages(
  context: AnsweringContext,
  { at, after, limit, ...ref }: z.output<typeof messagesAsk>,
): Promise<PageOfMessages | null> {
  const from = after ?? 0
  const oneMore = limit == null ? null : limit + 1
  const loaded =
    at == null
      ? await loadSession(context.kysely, ref, { messages: { after: from, limit: oneMore }, finished: false })
      : await sessionStoodAt(context, ref, at, (messages) =>
          messages.filter((message) => isShown(message) && message.firstSeq > from).slice(0, oneMore ?? undefined),
        )
  if (loaded === null) return null
  const found = loaded.state.messages
  const page = found.filter(isBegun).slice(0, limit ?? undefined)
  const last = page.at(-1)
  const hasMore = limit != null && found.length > limit && last !== undefined
  return { page, next: hasMore ? String(last.firstSeq) : null, loaded }
}

function isShown({ purpose }: MessageState): boolean {
  return purpose === null || purpose === 'answer'
}

function isBegun({ status }: MessageState): boolean {
  return status !== 'requested'
}
