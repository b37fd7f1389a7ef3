import type { Beside } from '../vocabulary/message-events.ts'
import type { PromptAnswer, PromptMessage } from './prompt-message.ts'

// No tokenizer is asked: each model has another one, and most keep theirs to themselves. These figures rather say too
// much than too little. Everything is looked at once, nothing is copied.

const PER_MESSAGE = 4
const PER_CALL = 12
/** What a large picture costs where a provider tells. */
const PER_IMAGE = 1_600
/** A document of some pages: how long it is cannot be told from here. */
const PER_FILE = 4_000

/** About so many tokens the messages cost. */
export function estimateTokens(messages: readonly PromptMessage[]): number {
  return messages.reduce((tokens, message) => tokens + ofMessage(message), 0)
}

/** What the descriptions of the tools cost. */
export function estimateTools(tools: Beside['tools']): number {
  return (tools ?? []).reduce((tokens, tool) => tokens + PER_CALL + estimateJson(tool), 0)
}

/** Four Latin letters to a token, two digits or signs, two letters of most other scripts; one to a Chinese character. */
export function estimateText(text: string): number {
  let quarters = 0
  for (let index = 0; index < text.length; index++) quarters += quartersOf(text.charCodeAt(index))
  return Math.ceil(quarters / 4)
}

/** Of a UTF-16 code unit. */
export function quartersOf(unit: number): number {
  if (unit >= 0x80) return unit < 0x800 ? 2 : 4
  const isLetter = (unit | 0x20) >= 0x61 && (unit | 0x20) <= 0x7a
  return isLetter || unit === 0x20 ? 1 : 2
}

function ofMessage(message: PromptMessage): number {
  switch (message.role) {
    case 'system':
      return PER_MESSAGE + estimateText(message.content)
    case 'user':
      return message.content.reduce((tokens, part) => {
        if (part.type === 'text') return tokens + estimateText(part.text)
        return tokens + (part.mediaType.startsWith('image/') ? PER_IMAGE : PER_FILE)
      }, PER_MESSAGE)
    case 'assistant':
      return PER_MESSAGE + ofAnswer(message)
    case 'tool':
      return message.content.reduce((tokens, { output }) => tokens + PER_CALL + estimateJson(output.value), PER_MESSAGE)
  }
}

function ofAnswer({ content, replay }: PromptAnswer): number {
  const said = content.reduce((tokens, part) => {
    if (part.type !== 'tool-call') return tokens + estimateText(part.text)
    return tokens + PER_CALL + estimateText(part.toolName) + estimateJson(part.input)
  }, 0)
  return (replay?.parts ?? []).reduce((tokens, part) => tokens + estimateJson(part.data), said)
}

/** As JSON, without making it. A stack of its own: what a model writes may be nested deeper than ours. */
export function estimateJson(value: unknown): number {
  let tokens = 0
  const left = [value]
  while (left.length > 0) {
    const next = left.pop()
    if (typeof next === 'string') tokens += 1 + estimateText(next)
    else if (Array.isArray(next)) {
      tokens += 1
      for (const item of next) left.push(item)
    } else if (typeof next === 'object' && next !== null) {
      tokens += 1
      for (const [key, item] of Object.entries(next)) {
        tokens += 2 + estimateText(key)
        left.push(item)
      }
    } else if (next !== undefined) tokens += 1 + String(next).length / 2
  }
  return Math.ceil(tokens)
}
