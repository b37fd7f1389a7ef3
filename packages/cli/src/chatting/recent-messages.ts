import type { Cursor, MessageSnapshot, Session } from '@spool/client'
import { Refused } from '@spool/client'
import { harmless } from '../output/harmless.ts'
import { counted } from '../rendering/amounts.ts'
import { textOf } from '../rendering/fields.ts'
import type { Screen } from './screen.ts'

const SHOWN = 6
const PAGE = 1000

export interface Past {
  readonly messages: readonly MessageSnapshot[]
  readonly cursor: Cursor
}

/** What was said in a session; `null`: it has not begun. */
export async function pastOf(session: Session, signal: AbortSignal): Promise<Past | null> {
  try {
    const messages: MessageSnapshot[] = []
    for (let after: number | undefined; ;) {
      const page = await session.messages({ limit: PAGE, ...(after !== undefined && { after }) }, signal)
      messages.push(...page.messages)
      if (page.next === null) return { messages, cursor: page.cursor }
      after = page.next
    }
  } catch (error) {
    if (error instanceof Refused && error.code === 'session_not_found') return null
    throw error
  }
}

/** The last messages, and how many there are before them. The end of one that is being written is left open. */
export function showRecent(screen: Screen, { messages }: Past): void {
  const recent = messages.slice(-SHOWN)
  const earlier = messages.length - recent.length
  if (earlier > 0) screen.line(`… ${counted(earlier, 'message')} before`, 'dim')
  for (const message of recent) {
    if (message.role !== 'assistant') screen.line(`> ${harmless(wordsOf(message))}`, 'green')
    else screen.piece(`text ${message.id}`, harmless(message.text))
    if (message.status === 'partial') screen.line(`(broken off: ${harmless(textOf(message, 'reason'))})`, 'dim')
  }
}

function wordsOf(message: MessageSnapshot): string {
  return message.text === '' ? '[no text]' : message.text
}
