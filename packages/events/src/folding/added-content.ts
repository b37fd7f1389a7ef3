import type { MessagePart, MessageState } from '../state/message-state.ts'
import type { EventOf } from '../vocabulary/event.ts'

type Content = Pick<
  MessageState,
  'status' | 'reason' | 'parts' | 'text' | 'model' | 'provider' | 'toolCalls' | 'results'
>

/** What a `message.added` says, behind what those before it have said. */
export function addedContent(before: MessageState, event: EventOf<'message.added'>): Content {
  const calls = event.tool_calls ?? []
  const results = [...(before.results ?? []), ...(event.tool_results ?? [])]
  const said: MessagePart[] = [
    ...(event.reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: event.reasoning }]),
    ...event.parts,
    ...calls.map(({ call, name, input }) => ({
      type: 'tool_call' as const,
      call,
      name,
      text: '',
      input: input ?? null,
    })),
  ]
  const parts = joined(before.parts, said)
  return {
    status: event.continued === true ? 'streaming' : (event.status ?? 'complete'),
    reason: event.reason ?? null,
    parts,
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    model: event.model ?? before.model,
    provider: event.provider ?? before.provider,
    toolCalls: [...before.toolCalls, ...calls],
    ...(results.length > 0 && { results }),
  }
}

function joined(before: readonly MessagePart[], more: readonly MessagePart[]): readonly MessagePart[] {
  const [first, ...rest] = more
  const last = before.at(-1)
  if (first === undefined || last === undefined || first.type !== last.type) return [...before, ...more]
  if (first.type !== 'text' && first.type !== 'reasoning') return [...before, ...more]
  if (last.type !== 'text' && last.type !== 'reasoning') return [...before, ...more]
  return [...before.slice(0, -1), { type: first.type, text: last.text + first.text }, ...rest]
}
