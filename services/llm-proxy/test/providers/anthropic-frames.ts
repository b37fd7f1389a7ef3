/** Frames of Anthropic's Messages API, as it writes them. */
export const frame = (type: string, fields: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

export const begin = (usage: object = {}): string =>
  frame('message_start', {
    message: {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'claude-2026',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: 9, output_tokens: 1, ...usage },
    },
  })

const block = (index: number, start: object, ...deltas: object[]): string =>
  frame('content_block_start', { index, content_block: start }) +
  deltas.map((delta) => frame('content_block_delta', { index, delta })).join('') +
  frame('content_block_stop', { index })

export const text = (index: number, ...texts: string[]): string =>
  block(index, { type: 'text', text: '' }, ...texts.map((said) => ({ type: 'text_delta', text: said })))

export const thinking = (index: number, thought: string, signature: string): string =>
  block(
    index,
    { type: 'thinking', thinking: '', signature: '' },
    { type: 'thinking_delta', thinking: thought },
    { type: 'signature_delta', signature },
  )

export const redacted = (index: number, data: string): string => block(index, { type: 'redacted_thinking', data })

export const toolUse = (index: number, id: string, name: string, ...json: string[]): string =>
  block(
    index,
    { type: 'tool_use', id, name, input: {} },
    ...json.map((partial_json) => ({ type: 'input_json_delta', partial_json })),
  )

export const stop = (stop_reason: string | null, usage: object = {}): string =>
  frame('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 4, ...usage } })

export const end = (stop_reason = 'end_turn', usage: object = {}): string =>
  stop(stop_reason, usage) + frame('message_stop', {})

export const error = (type: string, message = 'Overloaded'): string => frame('error', { error: { type, message } })
