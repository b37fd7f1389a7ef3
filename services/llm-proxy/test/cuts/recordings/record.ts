/**
 * Writes the recordings anew: `node test/cuts/recordings/record.ts`. They are the bytes of a server that others wrote;
 * our own could share our misunderstandings.
 */
import { writeFile } from 'node:fs/promises'
import { LLMock } from '@copilotkit/aimock'
import { type Kind, kinds } from './recorded-answers.ts'

const PIECE_LENGTH = 9

interface Wire {
  readonly file: string
  readonly path: string
  ask(kind: string): object
  /** Beside a plain text. */
  readonly kinds?: readonly Kind[]
  /** Where the real server speaks otherwise than the mock. */
  readonly corrections?: Readonly<Record<string, string>>
}

const messages = (kind: string) => [{ role: 'user', content: kind }]

const chat = (kind: string) => ({
  model: 'm',
  messages: messages(kind),
  stream: true,
  stream_options: { include_usage: true },
})

const responses = (kind: string) => ({ model: 'm', input: messages(kind), stream: true })

const wires: readonly Wire[] = [
  { file: 'openai-responses.{kind}.sse', path: '/v1/responses', ask: responses },
  { file: 'azure-responses.{kind}.sse', path: '/openai/v1/responses', ask: responses },
  { file: 'azure-chat.{kind}.sse', path: '/openai/deployments/m/chat/completions?api-version=2024-10-21', ask: chat },
  { file: 'compatible-chat.{kind}.sse', path: '/v1/chat/completions', ask: chat, kinds: ['calls'] },
  {
    kinds: ['reasoning', 'calls'],
    file: 'anthropic-messages.{kind}.sse',
    path: '/v1/messages',
    ask: (kind) => ({ model: 'm', max_tokens: 100, messages: messages(kind), stream: true }),
  },
  {
    kinds: ['reasoning', 'calls'],
    file: 'google-gemini.{kind}.sse',
    path: '/v1beta/models/m:streamGenerateContent?alt=sse',
    corrections: { '"FUNCTION_CALL"': '"STOP"', '\n': '\r\n' },
    ask: (kind) => ({ contents: [{ role: 'user', parts: [{ text: kind }] }] }),
  },
  {
    kinds: ['reasoning', 'calls'],
    file: 'ollama-chat.{kind}.ndjson',
    path: '/api/chat',
    corrections: { '"reasoning_content"': '"thinking"' },
    ask: (kind) => ({ model: 'm', messages: messages(kind), stream: true }),
  },
]

const mock = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: PIECE_LENGTH })
const usage = {
  prompt_tokens: 12,
  completion_tokens: 34,
  input_tokens: 12,
  output_tokens: 34,
  promptTokenCount: 12,
  candidatesTokenCount: 34,
}
for (const [kind, answer] of Object.entries(kinds)) {
  const said = { content: answer.text, usage, ...('reasoning' in answer && { reasoning: answer.reasoning }) }
  const asked =
    'calls' in answer
      ? { toolCalls: answer.calls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input) })) }
      : {}
  mock.onMessage(kind, { ...said, ...asked })
}
await mock.start()
try {
  for (const wire of wires) {
    for (const kind of ['text', ...(wire.kinds ?? [])]) {
      const response = await fetch(mock.url + wire.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-api-key': 'mock', 'anthropic-version': '2023-06-01' },
        body: JSON.stringify(wire.ask(kind)),
      })
      if (!response.ok) throw new Error(`${wire.path} answers ${response.status}: ${await response.text()}`)
      let answer = await response.text()
      for (const [mocks, real] of Object.entries(wire.corrections ?? {})) answer = answer.replaceAll(mocks, real)
      await writeFile(new URL(wire.file.replace('{kind}', kind), import.meta.url), answer)
    }
  }
} finally {
  await mock.stop()
}
