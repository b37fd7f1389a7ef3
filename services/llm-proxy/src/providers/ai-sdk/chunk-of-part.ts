import type { LanguageModelV4FinishReason, LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import { ProviderError } from '../provider-error.ts'
import type { Usage } from '@spool/events'
import type { Chunk, FinishReason } from '../provider.ts'

/** Turns the parts of one answer into chunks; remembers what later parts only refer to. */
export class PartReader {
  readonly #toolNames = new Map<string, string>()
  readonly #response: { id?: string; model?: string } = {}

  /** Undefined for a part that says nothing to a reader, such as the start of a block. Throws what an error part holds. */
  read(part: LanguageModelV4StreamPart): Chunk | undefined {
    switch (part.type) {
      case 'text-delta':
        return part.delta === '' ? undefined : { type: 'text', text: part.delta }
      case 'reasoning-delta':
        return part.delta === '' ? undefined : { type: 'reasoning', text: part.delta }
      case 'tool-input-start':
        this.#toolNames.set(part.id, part.toolName)
        return undefined
      case 'tool-input-delta': {
        const name = this.#toolNames.get(part.id) ?? ''
        return part.delta === '' ? undefined : { type: 'tool-input', call: part.id, name, text: part.delta }
      }
      case 'tool-call':
        return { type: 'tool-call', call: part.toolCallId, name: part.toolName, input: parsed(part.input) }
      case 'response-metadata':
        if (part.id) this.#response.id = part.id
        if (part.modelId) this.#response.model = part.modelId
        return undefined
      case 'error':
        throw part.error
      case 'finish':
        return {
          type: 'finish',
          reason: finishReason(part.finishReason),
          usage: chunkUsage(part.usage),
          response: this.#response,
        }
      default:
        return undefined
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function finishReason({ unified }: LanguageModelV4FinishReason): FinishReason {
  switch (unified) {
    case 'length':
      return 'length'
    case 'tool-calls':
      return 'tool_calls'
    case 'content-filter':
      return 'content_filter'
    case 'error':
    case 'interrupted':
      throw new ProviderError('provider_broken', 'The provider gave up before the end of the answer.')
    // Many compatible servers have words of their own for an ordinary end.
    case 'stop':
    case 'other':
      return 'stop'
  }
}

function chunkUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return {
    input_tokens: inputTokens.total ?? 0,
    output_tokens: outputTokens.total ?? 0,
    cached_tokens: inputTokens.cacheRead ?? 0,
    reasoning_tokens: outputTokens.reasoning ?? 0,
  }
}
