import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import type { ReportedUsage } from '@spool/events'
import { startTcpProxy, type TcpProxy } from '@spool/testing'
import { PROVIDER_MODEL, providerSays } from './provider-script.ts'

/** A model provider behind a wire that can be cut; wherever it has to go on, it says what `providerSays` says. */
export interface ChaosProvider {
  /** What it reported, by the id of its response. */
  readonly reported: ReadonlyMap<string, ReportedUsage>
  readonly wire: TcpProxy
  /** For the models of `spool.config.yaml`. */
  readonly config: string
  stop(): Promise<void>
}

const CHARACTERS_PER_CHUNK = 6
const MS_PER_CHUNK = 200

export async function startChaosProvider(): Promise<ChaosProvider> {
  const reported = new Map<string, ReportedUsage>()
  const mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', journalMaxEntries: 1 })
  const answer = (request: ChatCompletionRequest) => {
    const content = goOn(request)
    const id = `chatcmpl-chaos-${reported.size + 1}`
    const usage = { input_tokens: request.messages.length, output_tokens: content.length }
    reported.set(id, usage)
    return { content, id, usage: { prompt_tokens: usage.input_tokens, completion_tokens: usage.output_tokens } }
  }
  mock.onMessage(/^/, answer, { chunkSize: CHARACTERS_PER_CHUNK, latency: MS_PER_CHUNK })
  await mock.start()
  const wire = await startTcpProxy({ port: Number(new URL(mock.url).port) })
  return {
    reported,
    wire,
    config: [
      'models:',
      '  default: [{ provider: demo, model: demo }]',
      `  ${PROVIDER_MODEL}:`,
      '    - provider: openai-compatible',
      `      model: ${PROVIDER_MODEL}`,
      `      base_url: http://127.0.0.1:${wire.port}/v1`,
      // A silence is to be noticed while somebody still waits, and a trouble to be over before patience is.
      '      first_token_timeout_ms: 3000',
      '      stall_timeout_ms: 3000',
      '      attempts: 8',
    ].join('\n'),
    async stop() {
      await wire.stop()
      await mock.stop()
    },
  }
}

/** The beginning of its answer, where it was sent along, is not said again. */
function goOn({ messages }: ChatCompletionRequest): string {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const begun = textOf(messages.slice(asked + 1).findLast(({ role }) => role === 'assistant'))
  const whole = providerSays(textOf(messages[asked]))
  return whole.startsWith(begun) ? whole.slice(begun.length) : ` -- I did not begin with ${JSON.stringify(begun)}`
}

function textOf(message: ChatCompletionRequest['messages'][number] | undefined): string {
  const content = message?.content ?? ''
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
}
