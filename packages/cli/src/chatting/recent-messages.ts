import { type MessageSnapshot, Refused, type Session } from '@spool/client'
import { harmless } from '../output/harmless.ts'
import { counted } from '../rendering/amounts.ts'
import { type AllMessages, allMessages } from '../showing/all-messages.ts'
import { textOf } from '../rendering/fields.ts'
import type { Screen } from './screen.ts'

const SHOWN = 6

/** What was said in a session; `null`: it has not begun. */
export async function pastOf(session: Session, signal: AbortSignal): Promise<AllMessages | null> {
  try {
    return await allMessages(session, {}, signal)
  } catch (error) {
    if (error instanceof Refused && error.code === 'session_not_found') return null
    throw error
  }
}

/** The last messages, and how many there are before them. The end of one that is being written is left open. */
export function showRecent(screen: Screen, { messages }: AllMessages): void {
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
