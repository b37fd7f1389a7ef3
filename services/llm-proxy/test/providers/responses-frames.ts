/** Frames of OpenAI's Responses API, as they come over the wire. */

export const responseFrame = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, ...fields })}\n\n`

const response = { id: 'resp_1', object: 'response', created_at: 1_800_000_000, model: 'model-2026' }

export const created = (): string =>
  responseFrame('response.created', { response: { ...response, status: 'in_progress' } }) +
  responseFrame('response.in_progress', { response: { ...response, status: 'in_progress' } })

const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }

export const messageAdded = (): string =>
  responseFrame('response.output_item.added', {
    output_index: 0,
    item: { id: 'msg_1', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
  })

export const textDelta = (delta: string): string =>
  responseFrame('response.output_text.delta', { ...place, delta, logprobs: [] })

export const refusalDelta = (delta: string): string => responseFrame('response.refusal.delta', { ...place, delta })

export const failed = (error: object): string =>
  responseFrame('response.failed', { response: { id: 'resp_1', status: 'failed', error, output: [] } })

export interface Ending {
  readonly usage?: object
  readonly incomplete?: string
  /** The whole answer again, as the API says it at the end. */
  readonly text?: string
}

export const completed = ({ usage, incomplete, text = '' }: Ending = {}): string =>
  responseFrame(incomplete === undefined ? 'response.completed' : 'response.incomplete', {
    response: {
      id: 'resp_1',
      status: incomplete === undefined ? 'completed' : 'incomplete',
      incomplete_details: incomplete === undefined ? null : { reason: incomplete },
      output: [{ id: 'msg_1', type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }],
      usage: usage ?? { input_tokens: 9, output_tokens: 4 },
    },
  })

/** A reasoning item with its summary, and the sealed form that only its maker can read. */
export const reasoned = (summary: string, sealed: string): string => {
  const item = { id: 'rs_1', type: 'reasoning', summary: [] }
  const part = { item_id: 'rs_1', output_index: 0, summary_index: 0 }
  return (
    responseFrame('response.output_item.added', { output_index: 0, item: { ...item, encrypted_content: '' } }) +
    responseFrame('response.reasoning_summary_part.added', part) +
    responseFrame('response.reasoning_summary_text.delta', { ...part, delta: summary }) +
    responseFrame('response.reasoning_summary_part.done', part) +
    responseFrame('response.output_item.done', { output_index: 0, item: { ...item, encrypted_content: sealed } })
  )
}

export const called = (call: string, name: string, args: string): string => {
  const item = { id: 'fc_1', type: 'function_call', call_id: call, name, arguments: args, status: 'completed' }
  return (
    responseFrame('response.output_item.added', { output_index: 1, item: { ...item, arguments: '' } }) +
    responseFrame('response.function_call_arguments.delta', { item_id: 'fc_1', output_index: 1, delta: args }) +
    responseFrame('response.function_call_arguments.done', { item_id: 'fc_1', output_index: 1, arguments: args }) +
    responseFrame('response.output_item.done', { output_index: 1, item })
  )
}
