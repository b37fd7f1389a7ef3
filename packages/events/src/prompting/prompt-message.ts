// Close to the AI SDK's prompt of a language model, so that a provider's side has little to translate; but a file is
// named by its blob or URL, since nothing here can load it.

import type { ReplayPart } from '../vocabulary/replay.ts'

export type PromptMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: readonly (PromptText | PromptFile)[] }
  | PromptAnswer
  | { readonly role: 'tool'; readonly content: readonly PromptToolResult[] }

export interface PromptAnswer {
  readonly role: 'assistant'
  readonly content: readonly (PromptText | PromptReasoning | PromptToolCall)[]
  /** The same in the pieces of the provider that made it; to every other, `content` says all. */
  readonly replay?: Replay
}

export interface Replay {
  readonly provider: string
  readonly model: string
  readonly parts: readonly ReplayPart[]
}

export interface PromptText {
  readonly type: 'text'
  readonly text: string
}

export interface PromptFile {
  readonly type: 'file'
  /** `image/*` where an image's own type is not known. */
  readonly mediaType: string
  readonly filename?: string
  readonly blob?: string
  readonly url?: string
}

export interface PromptReasoning {
  readonly type: 'reasoning'
  readonly text: string
}

export interface PromptToolCall {
  readonly type: 'tool-call'
  readonly toolCallId: string
  readonly toolName: string
  readonly input: unknown
}

export interface PromptToolResult {
  readonly type: 'tool-result'
  readonly toolCallId: string
  readonly toolName: string
  readonly output:
    | { readonly type: 'text'; readonly value: string }
    | { readonly type: 'json'; readonly value: unknown }
    | { readonly type: 'error-text'; readonly value: string }
}
