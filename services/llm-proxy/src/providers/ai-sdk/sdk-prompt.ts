import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import type { PromptFile, PromptMessage, PromptText, PromptToolResult } from '@spool/events'
import { ProviderError } from '../provider-error.ts'
import type { ToolDescription } from '../provider.ts'

/** Our prompt in the words of the SDK; the kept text is the beginning of the assistant's message. */
export function sdkPrompt(prompt: readonly PromptMessage[], keptText: string): LanguageModelV4Message[] {
  const messages = prompt.map(sdkMessage)
  return keptText === '' ? messages : [...messages, { role: 'assistant', content: [{ type: 'text', text: keptText }] }]
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
      return message
    case 'user':
      return { role: 'user', content: message.content.map(userPart) }
    case 'assistant':
      return { role: 'assistant', content: [...message.content] }
    case 'tool':
      return { role: 'tool', content: message.content.map(toolResult) }
  }
}

function userPart(part: PromptText | PromptFile): LanguageModelV4TextPart | LanguageModelV4FilePart {
  if (part.type === 'text') return part
  const { mediaType, filename, url: address = '' } = part
  const url = URL.parse(address)
  // Left out in silence, the model would answer about something that it never saw.
  if (!url) throw new ProviderError('provider_bad_request', `${nameOf(part)} in this conversation could not be loaded.`)
  const [, inlineType, base64] = /^data:([^;,]+);base64,(.*)$/s.exec(address) ?? []
  return {
    type: 'file',
    mediaType: mediaType.endsWith('/*') ? (inlineType ?? mediaType) : mediaType,
    data: base64 === undefined ? { type: 'url', url } : { type: 'data', data: base64 },
    ...(filename !== undefined && { filename }),
  }
}

function nameOf({ filename, mediaType }: PromptFile): string {
  return filename === undefined ? `A file (${mediaType})` : `The file ${JSON.stringify(filename)}`
}

function toolResult({ output, ...part }: PromptToolResult): LanguageModelV4ToolResultPart {
  if (output.type !== 'json') return { ...part, output }
  return { ...part, output: { type: 'json', value: (output.value ?? null) as JSONValue } }
}
