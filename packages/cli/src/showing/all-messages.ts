import type { Cursor, MessageSnapshot, Session } from '@spool/client'

const PAGE = 1000

export interface AllMessages {
  readonly messages: readonly MessageSnapshot[]
  /** Where the last of them was read. */
  readonly cursor: Cursor
}

/** Every message of a session, page by page. */
export async function allMessages(
  session: Session,
  moment: { readonly at?: Cursor },
  signal: AbortSignal,
): Promise<AllMessages> {
  const messages: MessageSnapshot[] = []
  for (let after: string | undefined; ;) {
    const page = await session.messages({ ...moment, limit: PAGE, ...(after !== undefined && { after }) }, signal)
    messages.push(...page.messages)
    if (page.next === null) return { messages, cursor: page.cursor }
    after = page.next
  }
}
