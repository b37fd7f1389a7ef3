import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FilePart,
  LanguageModelV4Message,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import { ProviderError } from '../provider-error.ts'

/** The body of `POST /api/chat`. */
export function ollamaRequest(
  model: string,
  call: LanguageModelV4CallOptions,
  contextWindow?: number,
): Record<string, unknown> {
  const { prompt, tools = [], maxOutputTokens, temperature, topP, topK, stopSequences, seed } = call
  const think = thinkOf(call.reasoning)
  return {
    model,
    stream: true,
    // Otherwise what does not fit is left out in silence, from the front: the model answers about something it never saw.
    truncate: false,
    messages: prompt.flatMap(messagesOf),
    ...(think !== undefined && { think }),
    ...(tools.length > 0 && { tools: tools.flatMap(toolOf) }),
    // Undefined ones do not get into the JSON.
    options: {
      num_ctx: contextWindow,
      num_predict: maxOutputTokens,
      temperature,
      top_p: topP,
      top_k: topK,
      stop: stopSequences,
      seed,
    },
  }
}

/** Models that only think or do not think take every level for "think". */
function thinkOf(reasoning: LanguageModelV4CallOptions['reasoning']): false | string | undefined {
  switch (reasoning) {
    case undefined:
    case 'provider-default':
      return undefined
    case 'none':
      return false
    case 'minimal':
      return 'low'
    case 'xhigh':
      return 'high'
    default:
      return reasoning
  }
}

function toolOf(tool: NonNullable<LanguageModelV4CallOptions['tools']>[number]): object[] {
  if (tool.type !== 'function') return []
  const { name, description, inputSchema: parameters } = tool
  return [{ type: 'function', function: { name, description, parameters } }]
}

function messagesOf(message: LanguageModelV4Message): object[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', content: message.content }]
    case 'user': {
      const images = message.content.flatMap((part) => (part.type === 'file' ? [imageOf(part)] : []))
      return [{ role: 'user', content: textOf(message.content, 'text'), ...(images.length > 0 && { images }) }]
    }
    case 'assistant': {
      const thinking = textOf(message.content, 'reasoning')
      const calls = message.content.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
      return [
        {
          role: 'assistant',
          content: textOf(message.content, 'text'),
          ...(thinking !== '' && { thinking }),
          ...(calls.length > 0 && {
            tool_calls: calls.map(({ toolCallId: id, toolName: name, input }) => ({
              id,
              function: { name, arguments: input },
            })),
          }),
        },
      ]
    }
    case 'tool':
      return message.content.flatMap((part) => (part.type === 'tool-result' ? [resultOf(part)] : []))
  }
}

function textOf(parts: readonly { type: string; text?: string }[], type: 'text' | 'reasoning'): string {
  return parts.map((part) => (part.type === type ? (part.text ?? '') : '')).join('')
}

function imageOf({ mediaType, data }: LanguageModelV4FilePart): string {
  if (mediaType.startsWith('image/') && data.type === 'data' && typeof data.data === 'string') return data.data
  throw new ProviderError('provider_unsupported', `ollama takes images only, sent as data: URLs; not ${mediaType}.`)
}

function resultOf({ toolCallId, toolName, output }: LanguageModelV4ToolResultPart): object {
  const value = 'value' in output ? output.value : output.reason
  const content = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return { role: 'tool', tool_call_id: toolCallId, tool_name: toolName, content }
}
