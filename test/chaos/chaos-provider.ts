import { type ChatCompletionRequest, LLMock } from '@copilotkit/aimock'
import type { ReportedUsage } from '@spool/events'
import { startTcpProxy, type TcpProxy } from '@spool/testing'
import { Random } from './random.ts'

/** A model provider behind a wire that can be cut; what it says is known in advance, wherever it has to go on. */
export interface ChaosProvider {
  /** To be asked for by this name. */
  readonly model: string
  /** What it answers to a message such as `Tell me 40 words of 7.`, which takes 0.1 s for each. */
  says(message: string): string
  /** What it reported, by the id of its response. */
  readonly reported: ReadonlyMap<string, ReportedUsage>
  readonly wire: TcpProxy
  /** For the models of `spool.config.yaml`. */
  readonly config: string
  stop(): Promise<void>
}

const CHARACTERS_PER_CHUNK = 6
const MS_PER_CHUNK = 100

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
    model: 'outside',
    says,
    reported,
    wire,
    config: [
      'models:',
      '  default: [{ provider: demo, model: demo }]',
      '  outside:',
      '    - provider: openai-compatible',
      '      model: outside',
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

const WORDS = 'an und où señor tea rain maps chess green seven quiet bridge letter window almost zwölf'.split(' ')

function says(message: string): string {
  const [, count = '40', seed = '0'] = /(\d+) words of (\d+)/.exec(message) ?? []
  const random = new Random(Number(seed))
  return Array.from({ length: Number(count) }, () => WORDS[random.whole(0, WORDS.length - 1)]).join(' ')
}

/** The beginning of its answer, where it was sent along, is not said again. */
function goOn({ messages }: ChatCompletionRequest): string {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const begun = textOf(messages.slice(asked + 1).findLast(({ role }) => role === 'assistant'))
  const whole = says(textOf(messages[asked]))
  return whole.startsWith(begun) ? whole.slice(begun.length) : ` -- I did not begin with ${JSON.stringify(begun)}`
}

function textOf(message: ChatCompletionRequest['messages'][number] | undefined): string {
  const content = message?.content ?? ''
  return typeof content === 'string' ? content : content.map(({ text = '' }) => text).join('')
}
