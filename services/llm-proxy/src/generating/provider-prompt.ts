import type { Part, PromptMessage } from '@spool/events'
import type { PromptMessage as ProviderMessage } from '../providers/prompt-message.ts'

/** The conversation in the words of the providers' side, which knows of no blobs. */
export function providerPrompt(messages: readonly PromptMessage[]): ProviderMessage[] {
  return messages.flatMap(providerMessages)
}

function providerMessages(message: PromptMessage): ProviderMessage[] {
  switch (message.role) {
    case 'system':
      return [{ role: 'system', text: message.content }]
    case 'user':
      return [{ role: 'user', parts: message.content.map(providerPart) }]
    case 'assistant':
      return [
        {
          role: 'assistant',
          text: message.content.map((part) => (part.type === 'text' ? part.text : '')).join(''),
          tool_calls: message.content.flatMap((part) =>
            part.type === 'tool-call' ? [{ call: part.toolCallId, name: part.toolName, input: part.input }] : [],
          ),
        },
      ]
    case 'tool':
      return message.content.map(({ toolCallId, toolName, output }) => ({
        role: 'tool',
        call: toolCallId,
        name: toolName,
        output: output.value,
      }))
  }
}

type UserPart = Extract<PromptMessage, { role: 'user' }>['content'][number]

function providerPart(part: UserPart): Part {
  if (part.type === 'text') return part
  const { mediaType: media_type, url, filename } = part
  return { type: 'file', media_type, ...(url !== undefined && { url }), ...(filename !== undefined && { filename }) }
}
