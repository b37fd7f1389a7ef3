import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultOutput,
} from '@ai-sdk/provider'
import type { Part } from '@spool/events'
import type { PromptMessage } from '../prompt-message.ts'
import { ProviderError } from '../provider-error.ts'
import type { ToolDescription } from '../provider.ts'

/** Our prompt in the words of the SDK; the kept text is the beginning of the assistant's message. */
export function sdkPrompt(prompt: readonly PromptMessage[], keptText: string): LanguageModelV4Message[] {
  const messages = prompt.map(sdkMessage)
  return keptText === '' ? messages : [...messages, { role: 'assistant', content: [textPart(keptText)] }]
}

export function sdkTools(tools: readonly ToolDescription[]): LanguageModelV4FunctionTool[] {
  return tools.map(({ name, description, input_schema }) => ({
    type: 'function',
    name,
    ...(description !== undefined && { description }),
    inputSchema: input_schema as LanguageModelV4FunctionTool['inputSchema'],
  }))
}

function sdkMessage(message: PromptMessage): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: message.text }
    case 'user':
      return { role: 'user', content: message.parts.map(sdkPart) }
    case 'assistant':
      return {
        role: 'assistant',
        content: [
          ...(message.text === '' ? [] : [textPart(message.text)]),
          ...(message.tool_calls ?? []).map(({ call, name, input }) => ({
            type: 'tool-call' as const,
            toolCallId: call,
            toolName: name,
            input,
          })),
        ],
      }
    case 'tool': {
      const { call, name, output } = message
      return {
        role: 'tool',
        content: [{ type: 'tool-result', toolCallId: call, toolName: name, output: toolOutput(output) }],
      }
    }
  }
}

function sdkPart(part: Part): LanguageModelV4TextPart | LanguageModelV4FilePart {
  if (part.type === 'text') return textPart(part.text)
  const url = URL.parse(part.url ?? '')
  // Left out in silence, the model would answer about something that it never saw.
  if (!url) throw new ProviderError('provider_bad_request', `The ${part.type} in this message could not be loaded.`)
  const [, inlineType, base64] = /^data:([^;,]+);base64,(.*)$/s.exec(part.url ?? '') ?? []
  return {
    type: 'file',
    mediaType: part.media_type ?? inlineType ?? 'image/*',
    data: base64 === undefined ? { type: 'url', url } : { type: 'data', data: base64 },
    ...(part.type === 'file' && part.filename !== undefined && { filename: part.filename }),
  }
}

const textPart = (text: string): LanguageModelV4TextPart => ({ type: 'text', text })

const toolOutput = (output: unknown): LanguageModelV4ToolResultOutput =>
  typeof output === 'string' ? { type: 'text', value: output } : { type: 'json', value: (output ?? null) as JSONValue }
