/** How an answer is written and a request is read, by the path that a provider's package asks. */
export interface WireFormat {
  /** Before the first text. */
  opening(): string
  text(text: string): string
  /** A whole tool call at once. */
  toolCall(index: number, name: string, input: string): string
  /** The end of a whole answer. */
  ending(usage: ReportedTokens, reason?: 'filtered'): string
  /** An error in the middle of a stream. */
  error(type: string): string
}

export interface ReportedTokens {
  readonly input: number
  readonly output: number
}

export function formatOf(path: string): WireFormat {
  return path.endsWith('/messages') ? anthropicMessages : chatCompletions
}

/** The text of the last message where that is the assistant's: what the answer is to go on from. */
export function keptTextOf(body: Record<string, unknown>): string | null {
  const last = (body['messages'] as { role: string; content: string | { text: string }[] }[] | undefined)?.at(-1)
  if (last?.role !== 'assistant') return null
  return typeof last.content === 'string' ? last.content : last.content.map(({ text }) => text).join('')
}

const chatCompletions: WireFormat = {
  opening: () => chatFrame({ delta: { role: 'assistant', content: '' }, finish_reason: null }),
  text: (content) => chatFrame({ delta: { content }, finish_reason: null }),
  toolCall: (index, name, input) => {
    const call = { index, id: `call-${index}`, type: 'function', function: { name, arguments: input } }
    return chatFrame({ delta: { tool_calls: [call] }, finish_reason: null })
  },
  ending: ({ input, output }, reason) =>
    chatFrame({ delta: {}, finish_reason: reason === 'filtered' ? 'content_filter' : 'stop' }) +
    dataFrame({ ...chatHead, choices: [], usage: { prompt_tokens: input, completion_tokens: output } }) +
    'data: [DONE]\n\n',
  error: (type) => dataFrame({ error: { message: 'This is how it ends.', type, code: type } }),
}

const chatHead = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'a-model' }

function chatFrame(choice: object): string {
  return dataFrame({ ...chatHead, choices: [{ index: 0, ...choice }] })
}

function dataFrame(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`
}

const anthropicMessages: WireFormat = {
  opening: () => {
    const usage = { input_tokens: 3, output_tokens: 1 }
    const head = { id: 'msg_1', type: 'message', role: 'assistant', model: 'a-model', content: [], usage }
    return (
      namedFrame('message_start', { message: { ...head, stop_reason: null, stop_sequence: null } }) +
      namedFrame('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
    )
  },
  text: (text) => namedFrame('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  toolCall: (before, name, input) => {
    // The first block is the text.
    const index = before + 1
    const block = { type: 'tool_use', id: `call-${index}`, name, input: {} }
    return (
      namedFrame('content_block_start', { index, content_block: block }) +
      namedFrame('content_block_delta', { index, delta: { type: 'input_json_delta', partial_json: input } }) +
      namedFrame('content_block_stop', { index })
    )
  },
  ending: ({ input, output }, reason) =>
    namedFrame('content_block_stop', { index: 0 }) +
    namedFrame('message_delta', {
      delta: { stop_reason: reason === 'filtered' ? 'refusal' : 'end_turn', stop_sequence: null },
      usage: { input_tokens: input, output_tokens: output },
    }) +
    namedFrame('message_stop', {}),
  error: (type) => namedFrame('error', { error: { type, message: 'This is how it ends.' } }),
}

function namedFrame(type: string, data: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`
}
