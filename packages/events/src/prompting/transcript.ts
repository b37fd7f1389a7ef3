import { clipText } from './clip-text.ts'
import { estimateText } from './estimate-tokens.ts'
import type { PromptMessage, PromptToolResult } from './prompt-message.ts'
import type { Turn } from './turn.ts'

// A conversation as a text, for a model that looks back at it: calls and results as parts would have to be offered
// with their tools, and a model that sees itself speak goes on instead.

interface Piece {
  readonly label: string
  readonly text: string
}

/** What a label and the line around it cost. */
const PER_PIECE = 12
/** A piece of which less would be left says nothing. */
const LEAST = 12

/** At most about so many tokens: the longest pieces are clipped, to the same length. */
export function transcript(turns: readonly Turn[], summary: string | null, maxTokens: number): string {
  const pieces = [
    ...(summary === null ? [] : [{ label: 'In short, what was said before', text: summary }]),
    ...turns.flatMap((turn) => turn.messages.flatMap(piecesOf)),
  ]
  const kept = outermost(pieces, Math.floor(maxTokens / (PER_PIECE + LEAST)))
  const limit = commonLimit(
    kept.map(({ text }) => estimateText(text)),
    maxTokens - kept.length * PER_PIECE,
  )
  return kept.map(({ label, text }) => `${label}:\n${clipText(text, limit)}`).join('\n\n')
}

/** The highest limit under which all of them together stay within the budget. */
export function commonLimit(sizes: readonly number[], budget: number): number {
  let left = budget
  const sorted = sizes.toSorted((one, other) => one - other)
  for (const [index, size] of sorted.entries()) {
    const share = Math.floor(left / (sorted.length - index))
    if (size > share) return Math.max(0, share)
    left -= size
  }
  return Infinity
}

/** The first and the last ones, where there are more than can be told at all. */
function outermost(pieces: readonly Piece[], most: number): readonly Piece[] {
  if (pieces.length <= most) return pieces
  const first = Math.max(1, Math.floor(most / 2))
  const last = Math.max(1, most - first)
  return [...pieces.slice(0, first), ...pieces.slice(-last)]
}

function piecesOf(message: PromptMessage): Piece[] {
  switch (message.role) {
    case 'system':
      return []
    case 'user':
      return message.content.map((part) =>
        part.type === 'text'
          ? { label: 'User', text: part.text }
          : { label: 'User, a file', text: [part.filename, part.mediaType].filter(Boolean).join(', ') },
      )
    case 'assistant':
      return message.content.flatMap((part) => {
        if (part.type === 'text') return [{ label: 'Assistant', text: part.text }]
        if (part.type === 'reasoning') return []
        return [{ label: `Assistant, a call of ${part.toolName}`, text: jsonOf(part.input) }]
      })
    case 'tool':
      return message.content.map(({ toolName, output }) => ({ label: `Result of ${toolName}`, text: outputOf(output) }))
  }
}

function outputOf(output: PromptToolResult['output']): string {
  return output.type === 'json' ? jsonOf(output.value) : output.value
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value) ?? ''
}
