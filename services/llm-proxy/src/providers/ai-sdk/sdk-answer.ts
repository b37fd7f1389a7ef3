import type { LanguageModelV4Message, LanguageModelV4ToolCallPart, SharedV4ProviderOptions } from '@ai-sdk/provider'
import type { PromptAnswer, PromptToolCall, ReplayPart } from '@spool/events'

type SdkAnswer = Extract<LanguageModelV4Message, { role: 'assistant' }>

/** The model that is called. */
export interface Recipient {
  readonly provider: string
  readonly model: string
}

/** An earlier answer: in its own pieces to the model that made it, plainly to every other. */
export function sdkAnswer({ content, replay }: PromptAnswer, to: Recipient): SdkAnswer {
  if (replay?.provider === to.provider && replay.model === to.model) {
    return { role: 'assistant', content: replay.parts.flatMap((part) => replayed(part, content)) }
  }
  return { role: 'assistant', content: content.map((part) => (part.type === 'tool-call' ? toolCall(part) : part)) }
}

function replayed(part: ReplayPart, content: PromptAnswer['content']): SdkAnswer['content'] {
  // What it said itself is what it gets: nobody else has changed it.
  const options = part.data === undefined ? {} : { providerOptions: part.data as SharedV4ProviderOptions }
  if (part.type !== 'tool_call') return [{ type: part.type, text: part.text, ...options }]
  const call = content.find((said) => said.type === 'tool-call' && said.toolCallId === part.call)
  return call?.type === 'tool-call' ? [{ ...toolCall(call), ...options }] : []
}

/** A model may have written arguments that are no JSON. Providers refuse any that are no object, even as history. */
function toolCall({ input, ...call }: PromptToolCall): LanguageModelV4ToolCallPart {
  const isObject = typeof input === 'object' && !Array.isArray(input)
  return { ...call, input: isObject ? (input ?? {}) : { invalid: input } }
}
