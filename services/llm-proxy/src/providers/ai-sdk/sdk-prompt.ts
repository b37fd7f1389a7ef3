import type {
  JSONValue,
  LanguageModelV4FilePart,
  LanguageModelV4FunctionTool,
  LanguageModelV4Message,
  LanguageModelV4TextPart,
  LanguageModelV4ToolResultPart,
} from '@ai-sdk/provider'
import type { PromptFile, PromptMessage, PromptText, PromptToolResult } from '@spool/events'
import type { ToolDescription } from '../provider.ts'
import { type Recipient, sdkAnswer } from './sdk-answer.ts'
import { type FileTaker, sdkFile } from './sdk-file.ts'

/** Our prompt in the words of the SDK; the kept text is the beginning of the assistant's message. */
export function sdkPrompt(
  prompt: readonly PromptMessage[],
  keptText: string,
  to: FileTaker & Recipient,
): LanguageModelV4Message[] {
  const messages = prompt.map((message) => sdkMessage(message, to))
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

function sdkMessage(message: PromptMessage, to: FileTaker & Recipient): LanguageModelV4Message {
  switch (message.role) {
    case 'system':
      return message
    case 'user':
      return { role: 'user', content: message.content.map((part) => userPart(part, to)) }
    case 'assistant':
      return sdkAnswer(message, to)
    case 'tool':
      return { role: 'tool', content: message.content.map(toolResult) }
  }
}

function userPart(part: PromptText | PromptFile, taker: FileTaker): LanguageModelV4TextPart | LanguageModelV4FilePart {
  return part.type === 'text' ? part : sdkFile(part, taker)
}

function toolResult({ output, ...part }: PromptToolResult): LanguageModelV4ToolResultPart {
  if (output.type !== 'json') return { ...part, output }
  return { ...part, output: { type: 'json', value: (output.value ?? null) as JSONValue } }
}
