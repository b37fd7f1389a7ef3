import { readFileSync } from 'node:fs'
import type { RouteSettings } from '@spool/config'
import type { Kind, RecordedCall } from './recordings/recorded-answers.ts'

/** What a model says, as far as these tests make it up themselves. */
export interface Said {
  readonly text: string
  readonly calls?: readonly RecordedCall[]
}

/** A provider's own format: how an answer in it ends, what it sends of an answer that has begun, and how it goes on. */
export interface WireFormat {
  readonly route: Pick<RouteSettings, 'provider' | 'apiVersion'>
  readonly contentType: string
  /** Stands in the frame that ends an answer: with it the answer is whole. */
  readonly end: RegExp
  /** Whether it has a way to say: go on from here. */
  readonly takesBeginning: boolean
  /** The text that a request hands on as the beginning of the answer; '' where it does not. */
  begun(request: RequestBody): string
  /** A whole answer. */
  answer(said: Said): string
}

/** A request's body, as far as it matters here. */
export interface RequestBody {
  readonly messages?: readonly Turn[]
  readonly contents?: readonly Turn[]
  readonly input?: readonly Turn[]
}

interface Turn {
  readonly role: string
  readonly content?: string | readonly { readonly text?: string }[]
  readonly parts?: readonly { readonly text?: string }[]
}

const EVENT_STREAM = 'text/event-stream'

const chat: Omit<WireFormat, 'route'> = {
  contentType: EVENT_STREAM,
  end: /"finish_reason":"/,
  takesBeginning: true,
  begun: ({ messages }) => textOf(messages?.at(-1), 'assistant'),
  answer: ({ text, calls }) =>
    sse(
      chatChunk({ content: text }),
      ...(calls ?? []).map(({ name, input }, index) => {
        const call = { index, id: `again-${index}`, function: { name, arguments: JSON.stringify(input) } }
        return chatChunk({ tool_calls: [call] })
      }),
      chatChunk({}, calls ? 'tool_calls' : 'stop'),
      '[DONE]',
    ),
}

const responses: Omit<WireFormat, 'route'> = {
  contentType: EVENT_STREAM,
  end: /"type":"response.completed"/,
  takesBeginning: false,
  begun: () => '',
  answer: () => '',
}

export const wireFormats = {
  'compatible-chat': { ...chat, route: { provider: 'openai-compatible' } },
  'azure-chat': { ...chat, route: { provider: 'azure', apiVersion: '2024-10-21' } },
  'anthropic-messages': {
    route: { provider: 'anthropic' },
    contentType: EVENT_STREAM,
    end: /"type":"message_stop"/,
    takesBeginning: true,
    begun: ({ messages }) => textOf(messages?.at(-1), 'assistant'),
    answer: ({ text, calls = [] }) =>
      sse(
        { type: 'message_start', message: { id: 'm', model: 'm', role: 'assistant', content: [], usage: claudeUsage } },
        ...claudeBlock(0, { type: 'text', text: '' }, { type: 'text_delta', text }),
        ...calls.flatMap(({ name, input }, index) =>
          claudeBlock(
            index + 1,
            { type: 'tool_use', id: `again-${index}`, name, input: {} },
            { type: 'input_json_delta', partial_json: JSON.stringify(input) },
          ),
        ),
        {
          type: 'message_delta',
          delta: { stop_reason: calls.length > 0 ? 'tool_use' : 'end_turn' },
          usage: claudeUsage,
        },
        { type: 'message_stop' },
      ),
  },
  'google-gemini': {
    route: { provider: 'google' },
    contentType: EVENT_STREAM,
    end: /"finishReason":"/,
    takesBeginning: true,
    begun: ({ contents }) => textOf(contents?.at(-1), 'model'),
    answer: ({ text, calls = [] }) => {
      const said = text === '' ? [] : [{ text }]
      const parts = [...said, ...calls.map(({ name, input: args }) => ({ functionCall: { name, args } }))]
      return sse({ candidates: [{ index: 0, content: { role: 'model', parts }, finishReason: 'STOP' }] })
    },
  },
  'ollama-chat': {
    route: { provider: 'ollama' },
    contentType: 'application/x-ndjson',
    end: /"done":true/,
    takesBeginning: true,
    begun: ({ messages }) => textOf(messages?.at(-1), 'assistant'),
    answer: ({ text, calls = [] }) => {
      const about = { model: 'm', created_at: '2026-11-20T12:00:00Z' }
      const toolCalls = calls.map(({ name, input }) => ({ function: { name, arguments: input } }))
      const message = { role: 'assistant', content: text, ...(calls.length > 0 && { tool_calls: toolCalls }) }
      const end = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' }
      return [{ message, done: false }, end].map((line) => `${JSON.stringify({ ...about, ...line })}\n`).join('')
    },
  },
  'openai-responses': { ...responses, route: { provider: 'openai' } },
  'azure-responses': { ...responses, route: { provider: 'azure' } },
} satisfies Record<string, WireFormat>

export type WireFormatName = keyof typeof wireFormats

/** The bytes that a server sent once, in this format, for this kind of answer. */
export function recording(format: WireFormatName, kind: Kind): Buffer {
  const extension = format === 'ollama-chat' ? 'ndjson' : 'sse'
  return readFileSync(new URL(`recordings/${format}.${kind}.${extension}`, import.meta.url))
}

/** How many of its bytes have to be there: those of the frame that ends it. A line of JSON needs no line after it. */
export function wholeAt(format: WireFormatName, bytes: Buffer): number {
  const text = bytes.toString()
  const { end, contentType } = wireFormats[format]
  const frameEnd = contentType === EVENT_STREAM ? /\r\n\r\n|\n\n/g : /(?=\n)/g
  frameEnd.lastIndex = text.search(end)
  frameEnd.test(text)
  return Buffer.byteLength(text.slice(0, frameEnd.lastIndex))
}

const claudeUsage = { input_tokens: 12, output_tokens: 34 }

function claudeBlock(index: number, block: object, delta: object): object[] {
  return [
    { type: 'content_block_start', index, content_block: block },
    { type: 'content_block_delta', index, delta },
    { type: 'content_block_stop', index },
  ]
}

function chatChunk(delta: object, finish: string | null = null): object {
  return { id: 'm', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] }
}

function sse(...frames: (object | string)[]): string {
  return frames.map((frame) => `data: ${typeof frame === 'string' ? frame : JSON.stringify(frame)}\n\n`).join('')
}

function textOf(turn: Turn | undefined, role: string): string {
  if (turn?.role !== role) return ''
  const content = turn.content ?? turn.parts ?? []
  return typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('')
}
