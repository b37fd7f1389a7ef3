import type { Beside, Purpose, Timing, ToolCall, ToolResult } from '../vocabulary/message-events.ts'
import type { Part } from '../vocabulary/parts.ts'
import type { ReplayPart } from '../vocabulary/replay.ts'
import type { Usage } from '../vocabulary/usage.ts'

export type MessageStatus = 'requested' | 'streaming' | 'complete' | 'partial'

export type MessagePart =
  | Part
  | { readonly type: 'reasoning'; readonly text: string }
  /** `text`: the arguments as they streamed; `input` once the message is closed. */
  | {
      readonly type: 'tool_call'
      readonly call: string
      readonly name: string
      readonly text: string
      readonly input?: unknown
    }

/** A message. Once its status is `complete` or `partial` it never changes again. */
export interface MessageState {
  readonly id: string
  /** null: a fork's copy, or said elsewhere. */
  readonly run: string | null
  readonly role: 'user' | 'system' | 'assistant'
  /** null: it was added, not made by a model. Only `answer` is shown to people. */
  readonly purpose: Purpose | null
  readonly status: MessageStatus
  readonly reason: string | null
  readonly parts: readonly MessagePart[]
  /** All text parts in one. */
  readonly text: string
  /** Of the generation that writes, or wrote, it, as its provider knows it; before the first, what was asked for. */
  readonly model: string | null
  /** What was asked for: an alias, or a name that a provider knows. null: nobody asked a model. */
  readonly requestedModel: string | null
  readonly provider: string | null
  readonly parameters: Readonly<Record<string, unknown>> | null
  /** What `message.requested` carried beside the conversation, or the blob that holds it. */
  readonly request: Requested | null
  /** Of the generation that writes, or wrote, it; 0 before the first, and for an external producer. */
  readonly attempt: number
  readonly worker: string | null
  /** Attempts in a row, this one among them, since they brought the text on, by what is worth a call. */
  readonly fruitless: number
  /** How far the text had come by then, in UTF-16 code units. */
  readonly milestone: number
  /** Length of the text where the current attempt began, in UTF-16 code units. */
  readonly begunAt: number
  readonly failures: readonly FailedAttempt[]
  /** The last sequence used, per kind. */
  readonly sequences: { readonly text: number; readonly reasoning: number }
  /** Over its attempts, each counted once. */
  readonly usage: Usage
  /** The last attempt whose usage is in `usage`. */
  readonly countedAttempt: number
  readonly timing: Timing | null
  readonly streaming: StreamingFigures
  readonly firstChunkAt: string | null
  readonly lastChunkAt: string | null
  readonly toolCalls: readonly ToolCall[]
  /** Only in a fork's copy: what came of its calls. */
  readonly results?: readonly ToolResult[]
  readonly responseId: string | null
  /** The provider's finish data. */
  readonly response: Readonly<Record<string, unknown>> | null
  /** The answer in the pieces that its provider wants back while the run goes on. */
  readonly replay: readonly ReplayPart[] | null
  /** Of `message.requested`; the conversation before it is what the model is sent. */
  readonly requestedSeq: number | null
  readonly firstSeq: number
  readonly lastSeq: number
}

export interface Requested extends Beside {
  readonly blob: string | null
  /** Of a summary: the position up to which, and with which, it stands for the conversation. */
  readonly upTo: string | null
  /** Of a summary or a memory: about so many tokens the model is sent. */
  readonly promptTokens: number | null
  /** About so many tokens a result of the run's own calls may have; absent: any number. */
  readonly resultTokens?: number
  /** About so many tokens the list of those calls may have that a summary stands for. */
  readonly doneTokens?: number
  /** As they were asked for; `parameters` of the message are those of its attempt. */
  readonly parameters: Readonly<Record<string, unknown>> | null
}

export interface FailedAttempt {
  readonly attempt: number
  readonly provider: string | null
  readonly model: string | null
  readonly error: { readonly code: string; readonly message: string }
  readonly at: string
  /** For so long the provider asked to be left alone. */
  readonly waitMs: number
}

/** While it streams: what the events say. At its end: what the provider's side measured, where that is known. */
export interface StreamingFigures {
  readonly chunks_count: number
  readonly started_at: string | null
  readonly completed_at: string | null
  readonly first_token_ms: number | null
  readonly total_duration_ms: number | null
  readonly average_chunk_interval_ms: number | null
}

/** Each call costs the whole prompt: one that breaks off after a word has not brought the answer on. */
const WORTH_A_CALL = 200

export function hasProgressed({ text, milestone }: Pick<MessageState, 'text' | 'milestone'>): boolean {
  return text.length - milestone >= WORTH_A_CALL
}

export function isOpenMessage(message: MessageState): boolean {
  return message.status === 'requested' || message.status === 'streaming'
}
