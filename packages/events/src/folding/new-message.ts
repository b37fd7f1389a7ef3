import type { MessageState } from '../state/message-state.ts'
import type { EventOf } from '../vocabulary/event.ts'
import type { Beside } from '../vocabulary/message-events.ts'
import { NO_USAGE } from '../vocabulary/usage.ts'
import { addedContent } from './added-content.ts'

export type MessageOpening = EventOf<'message.added'> | EventOf<'message.requested'> | EventOf<'message.started'>

/** A message as its first event makes it. */
export function newMessage(event: MessageOpening, seq: number): MessageState {
  const blank = blankMessage(event.message, event.run ?? null, seq)
  switch (event.type) {
    case 'message.added':
      return { ...blank, role: event.role, ...addedContent(blank, event) }
    case 'message.requested':
      return {
        ...blank,
        purpose: event.purpose,
        status: 'requested',
        model: event.model,
        requestedModel: event.model,
        parameters: event.parameters ?? null,
        request: {
          ...beside(event),
          blob: event.blob ?? null,
          upTo: event.up_to ?? null,
          promptTokens: event.prompt_tokens ?? null,
          ...(event.result_tokens !== undefined && { resultTokens: event.result_tokens }),
          ...(event.done_tokens !== undefined && { doneTokens: event.done_tokens }),
          parameters: event.parameters ?? null,
        },
        requestedSeq: seq,
      }
    // Nobody requests the message of an external producer.
    case 'message.started':
      return {
        ...blank,
        purpose: event.purpose,
        status: 'streaming',
        model: event.model,
        provider: event.provider,
        streaming: { ...blank.streaming, started_at: event.at },
      }
  }
}

function beside(event: Beside): Beside {
  return {
    ...(event.instructions !== undefined && { instructions: event.instructions }),
    ...(event.tools !== undefined && { tools: event.tools }),
    ...(event.memories !== undefined && { memories: event.memories }),
    ...(event.context !== undefined && { context: event.context }),
  }
}

export function blankMessage(id: string, run: string | null, seq: number): MessageState {
  return {
    id,
    run,
    role: 'assistant',
    purpose: null,
    status: 'requested',
    reason: null,
    parts: [],
    text: '',
    model: null,
    requestedModel: null,
    provider: null,
    parameters: null,
    request: null,
    attempt: 0,
    worker: null,
    fruitless: 0,
    milestone: 0,
    begunAt: 0,
    failures: [],
    sequences: { text: 0, reasoning: 0 },
    usage: NO_USAGE,
    countedAttempt: 0,
    timing: null,
    streaming: {
      chunks_count: 0,
      started_at: null,
      completed_at: null,
      first_token_ms: null,
      total_duration_ms: null,
      average_chunk_interval_ms: null,
    },
    firstChunkAt: null,
    lastChunkAt: null,
    toolCalls: [],
    responseId: null,
    response: null,
    replay: null,
    requestedSeq: null,
    firstSeq: seq,
    lastSeq: seq,
  }
}
