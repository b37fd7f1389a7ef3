import type { MessagePart, MessageState, StreamingFigures } from '../state/message-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import type { ToolCall } from '../vocabulary/message-events.ts'
import { addUsage } from '../vocabulary/usage.ts'
import { elapsedMs } from './elapsed-ms.ts'

export function completeMessage(message: MessageState, event: EventOf<'message.completed'>, seq: number): MessageState {
  // Attempt 0 is that of an external producer; it ends only here.
  const counted = message.attempt > 0 && message.attempt <= message.countedAttempt
  const toolCalls = event.tool_calls ?? []
  return {
    ...message,
    status: event.status,
    reason: event.reason,
    parts: withToolCalls(message.parts, toolCalls),
    toolCalls,
    usage: counted ? message.usage : addUsage(message.usage, event.usage),
    countedAttempt: message.attempt,
    timing: event.timing ?? null,
    streaming: finalFigures(message, event),
    responseId: event.response?.id ?? null,
    response: event.response ?? null,
    replay: event.replay ?? null,
    lastSeq: seq,
  }
}

/** The arguments as they were parsed beside their text; calls that did not stream come last. */
function withToolCalls(parts: readonly MessagePart[], toolCalls: readonly ToolCall[]): readonly MessagePart[] {
  if (toolCalls.length === 0) return parts
  const inputs = new Map(toolCalls.map((toolCall) => [toolCall.call, toolCall.input ?? null]))
  const streamed = parts.map((part) => {
    if (part.type !== 'tool_call' || !inputs.has(part.call)) return part
    const input = inputs.get(part.call)
    inputs.delete(part.call)
    return { ...part, input }
  })
  const others = toolCalls
    .filter((toolCall) => inputs.has(toolCall.call))
    .map(({ call, name, input }): MessagePart => ({ type: 'tool_call', call, name, text: '', input: input ?? null }))
  return [...streamed, ...others]
}

/** What the proxy measured covers one attempt; for a message of several the events' own times tell. */
function finalFigures(message: MessageState, event: EventOf<'message.completed'>): StreamingFigures {
  const { timing } = event
  const { streaming, firstChunkAt, lastChunkAt } = message
  if (timing !== undefined && message.attempt <= 1) {
    return {
      chunks_count: timing.chunks,
      started_at: streaming.started_at,
      completed_at: event.at,
      first_token_ms: timing.first_token_ms,
      total_duration_ms: timing.duration_ms,
      average_chunk_interval_ms: timing.average_chunk_interval_ms,
    }
  }
  const intervals = streaming.chunks_count - 1
  return {
    ...streaming,
    completed_at: event.at,
    total_duration_ms: streaming.started_at === null ? null : elapsedMs(streaming.started_at, event.at),
    average_chunk_interval_ms:
      intervals < 1 || firstChunkAt === null || lastChunkAt === null
        ? null
        : elapsedMs(firstChunkAt, lastChunkAt) / intervals,
  }
}
