import type { Reasoning } from '@spool/config'
import type { Beside, PromptMessage, ReplayPart, Usage } from '@spool/events'

/** One way to a model. Whoever calls it deals with events, attempts and retries; a provider only talks to its model. */
export interface Provider {
  /** As it stands in events, spans and metrics: `demo`, `anthropic`. */
  readonly name: string
  readonly model: string
  /**
   * Calls the model once. Ends after `finish`; fails with a `ProviderError`, or with the reason of `signal` when that
   * was aborted. Leaving the loop early or aborting closes the connection. Nothing is read ahead of the reader beyond a
   * few chunks.
   */
  generate(request: GenerateRequest): AsyncIterable<Chunk>
}

export interface GenerateRequest {
  prompt: readonly PromptMessage[]
  /** Text of the answer that stays, sent as the beginning of the assistant's message; '' for a fresh answer. */
  keptText: string
  parameters: GenerateParameters
  tools?: readonly ToolDescription[]
  signal: AbortSignal
  /** Hears of the tokens used so far from a provider that tells before the end: the end may not come. */
  spent?: (usage: Usage) => void
}

/** As `message.requested` describes them. */
export type ToolDescription = NonNullable<Beside['tools']>[number]

export interface GenerateParameters {
  temperature?: number
  max_tokens?: number
  reasoning?: Reasoning
  top_p?: number
  stop?: string[]
  seed?: number
}

/** A text may end in half a character (a lone high surrogate) whose other half is in the next chunk of its kind. */
export type Chunk =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'tool-input'; call: string; name: string; text: string }
  /** `input` is the parsed arguments; their text as it came where that is not JSON. */
  | { type: 'tool-call'; call: string; name: string; input: unknown }
  | {
      type: 'finish'
      reason: FinishReason
      usage: Usage
      response: EndData
      /** What the provider wants back with the results of its calls; these have the ids of `tool-call` chunks. */
      replay?: ReplayPart[]
    }

/** What the provider said of the answer as a whole, as it said it; never a secret. */
export type EndData = {
  id?: string
  model?: string
  finish_reason?: unknown
  usage?: unknown
  metadata?: unknown
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'
