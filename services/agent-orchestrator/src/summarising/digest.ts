import { type RunState, type SummaryState, clipText, estimateText, say } from '@spool/events'
import type { SizedTurn } from './prompt-sizes.ts'

const PER_QUOTE = 40
const MOST_QUOTES = 8

/** What stands for turns that no model could summarise: what is known of those before, and how the newest began. */
export function digestOf(
  run: RunState,
  before: SummaryState | null,
  turns: readonly SizedTurn[],
  maxTokens: number,
): string {
  const leftOut = say(run.language, 'summary.left_out', { count: turns.length })
  const quotes: string[] = []
  let room = maxTokens / 2 - estimateText(leftOut)
  for (const quote of turns.flatMap(quoteOf).toReversed().slice(0, MOST_QUOTES)) {
    room -= estimateText(quote) + 1
    if (room < 0) break
    quotes.unshift(quote)
  }
  const news = [leftOut, ...quotes].join('\n')
  const left = maxTokens - estimateText(news) - 2
  if (before === null || left < PER_QUOTE) return news
  return `${clipText(before.text, left)}\n\n${news}`
}

/** How a person's message begins. */
function quoteOf({ messages }: SizedTurn): string[] {
  return messages.flatMap((message) => {
    if (message.role !== 'user') return []
    const text = message.content.map((part) => (part.type === 'text' ? part.text : '')).join(' ')
    const line = text.replaceAll(/\s+/g, ' ').trim()
    return line === '' ? [] : [`- ${clipText(line, PER_QUOTE).replaceAll('\n', ' ')}`]
  })
}
