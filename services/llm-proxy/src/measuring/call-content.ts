/**
 * What was said in a call, in the shape of the GenAI conventions, for those who switched that on. Bounded: a span is
 * sent in one piece with others, and a collector throws away what is too large.
 */
import type { Attributes } from '@opentelemetry/api'
import type { MessagePart, MessageState, PromptMessage } from '@spool/events'
import { genAiAttributes, hideSecrets } from '@spool/telemetry'

const MAX_TEXT = 8 * 1024
const MAX_ATTRIBUTE = 64 * 1024

/** As it stands when the call is over. */
export interface CallContent {
  readonly prompt: readonly PromptMessage[]
  readonly message: MessageState
}

/** Where another attempt has begun since, what that one says is not this one's to tell. */
export function contentAttributes({ prompt, message }: CallContent, attempt: number): Attributes {
  const { text, begunAt, parts } = message.attempt === attempt ? message : NOTHING
  const kept = begunAt > 0 ? [{ role: 'assistant', parts: [said(text.slice(0, begunAt))] }] : []
  const answer = after(parts, begunAt).flatMap(outputPart)
  const instructions = prompt.filter((one) => one.role === 'system').map(({ content }) => said(content))
  const input = prompt.filter((one) => one.role !== 'system').map(inputMessage)
  return {
    ...(instructions.length > 0 && { [genAiAttributes.systemInstructions]: bounded(instructions) }),
    [genAiAttributes.inputMessages]: bounded([...input, ...kept]),
    ...(answer.length > 0 && { [genAiAttributes.outputMessages]: bounded([{ role: 'assistant', parts: answer }]) }),
  }
}

const NOTHING = { text: '', begunAt: 0, parts: [] }

const said = (content: string) => ({ type: 'text', content })

function inputMessage({ role, content }: Exclude<PromptMessage, { role: 'system' }>): object {
  return { role, parts: content.map(inputPart) }
}

type InputPart = Exclude<PromptMessage, { role: 'system' }>['content'][number]

function inputPart(part: InputPart): object {
  switch (part.type) {
    case 'text':
      return said(part.text)
    case 'reasoning':
      return { type: 'reasoning', content: part.text }
    case 'tool-call':
      return { type: 'tool_call', id: part.toolCallId, name: part.toolName, arguments: part.input }
    case 'tool-result':
      return { type: 'tool_call_response', id: part.toolCallId, response: part.output.value }
    case 'file': {
      const about = { modality: part.mediaType.split('/')[0], mime_type: part.mediaType }
      return part.blob === undefined
        ? { type: 'uri', ...about, uri: part.url }
        : { type: 'file', ...about, file_id: part.blob }
    }
  }
}

function outputPart(part: MessagePart): object[] {
  switch (part.type) {
    case 'text':
      return [said(part.text)]
    case 'reasoning':
      return [{ type: 'reasoning', content: part.text }]
    case 'tool_call':
      return [{ type: 'tool_call', id: part.call, name: part.name, arguments: part.input ?? part.text }]
    default:
      return []
  }
}

/** What came after so many characters of text: the answer of this call, not of the ones it goes on after. */
function after(parts: readonly MessagePart[], characters: number): MessagePart[] {
  let left = characters
  return parts.flatMap((part) => {
    if (left <= 0) return [part]
    if (part.type !== 'text') return []
    const rest = part.text.slice(left)
    left -= part.text.length
    return rest === '' ? [] : [{ ...part, text: rest }]
  })
}

/** As JSON; where there is too much, the last ones. */
function bounded(items: readonly object[]): string {
  const texts: string[] = []
  let characters = 0
  for (const item of items.toReversed()) {
    const text = JSON.stringify(item, clean)
    characters += text.length + 1
    if (characters > MAX_ATTRIBUTE) break
    texts.unshift(text)
  }
  return `[${texts.join(',')}]`
}

function clean(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value
  const text = hideSecrets(value)
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length - MAX_TEXT} more)`
}
