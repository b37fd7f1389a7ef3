import type { LanguageModelV4StreamPart, LanguageModelV4Usage } from '@ai-sdk/provider'
import type { Usage } from '@spool/events'
import type { Chunk } from '../provider.ts'
import { endData } from './end-data.ts'
import { type Endings, endOfAnswer } from './end-of-answer.ts'
import { ReplayRecorder } from './replay-recorder.ts'
import { tokenCount } from './token-count.ts'

/** Turns the parts of one answer into chunks; remembers what later parts only refer to. */
export class PartReader {
  readonly #endings: Endings
  readonly #secrets: readonly string[]
  readonly #recorder: ReplayRecorder | undefined
  readonly #said: { isEmpty: boolean; hasCalls: boolean }
  readonly #toolNames = new Map<string, string>()
  readonly #response: { id?: string; model?: string } = {}

  /** A continuation may have nothing to add, and its beginning is in no piece of this answer. */
  constructor(endings: Endings, isContinuation: boolean, secrets: readonly string[] = []) {
    this.#endings = endings
    this.#secrets = secrets
    this.#recorder = isContinuation ? undefined : new ReplayRecorder()
    this.#said = { isEmpty: !isContinuation, hasCalls: false }
  }

  /** Undefined for a part that says nothing to a reader, such as the start of a block. Throws what an error part holds. */
  read(part: LanguageModelV4StreamPart): Chunk | undefined {
    this.#recorder?.read(part)
    switch (part.type) {
      case 'text-delta':
        if (part.delta === '') return undefined
        this.#said.isEmpty = false
        return { type: 'text', text: part.delta }
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
        this.#said.isEmpty = false
        this.#said.hasCalls = true
        return { type: 'tool-call', call: part.toolCallId, name: part.toolName, input: parsed(part.input) }
      case 'response-metadata':
        if (part.id) this.#response.id = part.id
        if (part.modelId) this.#response.model = part.modelId
        return undefined
      case 'error':
        throw part.error
      case 'finish': {
        const replay = this.#recorder?.recorded()
        const usage = chunkUsage(part.usage)
        return {
          type: 'finish',
          reason: endOfAnswer(part.finishReason, this.#said, this.#endings, isKnown(part.usage) ? usage : undefined),
          usage,
          response: endData(part, this.#response, this.#secrets),
          ...(replay && { replay }),
        }
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

const isKnown = ({ inputTokens, outputTokens }: LanguageModelV4Usage) =>
  inputTokens.total !== undefined || outputTokens.total !== undefined

function chunkUsage({ inputTokens, outputTokens }: LanguageModelV4Usage): Usage {
  return {
    input_tokens: tokenCount(inputTokens.total),
    output_tokens: tokenCount(outputTokens.total),
    cached_tokens: tokenCount(inputTokens.cacheRead),
    reasoning_tokens: tokenCount(outputTokens.reasoning),
  }
}
