import type { MessagePart, MessageState, StreamingFigures } from '../state/message-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import { elapsedMs } from './elapsed-ms.ts'

// The hot path: nothing here may cost more the longer the message or the session is.
// (`+` on strings is a rope: it copies nothing until somebody reads the text.)

export function appendText(message: MessageState, event: EventOf<'text.delta'>, seq: number): MessageState {
  const text = message.text + event.text
  return {
    ...message,
    // A part that is alone says what the message says: one rope for both.
    parts: isTextAlone(message.parts) ? [{ type: 'text', text }] : appended(message.parts, 'text', event.text),
    text,
    sequences: { text: event.sequence, reasoning: message.sequences.reasoning },
    streaming: counted(message.streaming, event.at),
    firstChunkAt: message.firstChunkAt ?? event.at,
    lastChunkAt: event.at,
    lastSeq: seq,
  }
}

export function appendReasoning(message: MessageState, event: EventOf<'reasoning.delta'>, seq: number): MessageState {
  return {
    ...message,
    parts: appended(message.parts, 'reasoning', event.text),
    sequences: { text: message.sequences.text, reasoning: event.sequence },
    lastSeq: seq,
  }
}

export function appendToolInput(message: MessageState, event: EventOf<'tool.input.delta'>, seq: number): MessageState {
  const index = message.parts.findLastIndex((part) => part.type === 'tool_call' && part.call === event.call)
  const before = message.parts[index]
  const parts = message.parts.slice()
  if (before?.type === 'tool_call') parts[index] = { ...before, text: before.text + event.text }
  else parts.push({ type: 'tool_call', call: event.call, name: event.name, text: event.text })
  return { ...message, parts, lastSeq: seq }
}

function isTextAlone({ length, 0: first }: readonly MessagePart[]): boolean {
  return length === 1 && first?.type === 'text'
}

function appended(parts: readonly MessagePart[], type: 'text' | 'reasoning', text: string): readonly MessagePart[] {
  const last = parts.at(-1)
  const copy = parts.slice()
  if (last?.type === type) copy[copy.length - 1] = { type, text: last.text + text }
  else copy.push({ type, text })
  return copy
}

function counted(figures: StreamingFigures, at: string): StreamingFigures {
  const isFirst = figures.first_token_ms === null && figures.started_at !== null
  return {
    ...figures,
    chunks_count: figures.chunks_count + 1,
    first_token_ms: isFirst ? elapsedMs(figures.started_at, at) : figures.first_token_ms,
  }
}
