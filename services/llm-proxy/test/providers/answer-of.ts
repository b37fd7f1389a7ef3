import type { PromptMessage, Usage } from '@spool/events'
import { ProviderError } from '../../src/providers/provider-error.ts'
import type { Chunk, FinishReason, GenerateRequest, Provider } from '../../src/providers/provider.ts'

export interface Answer {
  readonly chunks: readonly Chunk[]
  readonly text: string
  readonly reasoning: string
  readonly calls: readonly { readonly name: string; readonly input: unknown }[]
  readonly reason: FinishReason | undefined
  readonly usage: Usage | undefined
  /** How it failed, after what is above. */
  readonly error: ProviderError | undefined
}

export const userSays = (text: string): PromptMessage => ({ role: 'user', content: [{ type: 'text', text }] })

/** Asks once and reads to the end, or to the failure. */
export async function answerOf(provider: Provider, request: Partial<GenerateRequest> = {}): Promise<Answer> {
  const chunks: Chunk[] = []
  let error: ProviderError | undefined
  const signal = new AbortController().signal
  const asked = { prompt: [userSays('Hello')], keptText: '', parameters: {}, signal, ...request }
  try {
    for await (const chunk of provider.generate(asked)) chunks.push(chunk)
  } catch (caught) {
    if (!(caught instanceof ProviderError)) throw caught
    error = caught
  }
  const finish = chunks.find((chunk) => chunk.type === 'finish')
  return {
    chunks,
    text: said(chunks, 'text'),
    reasoning: said(chunks, 'reasoning'),
    calls: chunks.flatMap((chunk) => (chunk.type === 'tool-call' ? [{ name: chunk.name, input: chunk.input }] : [])),
    reason: finish?.reason,
    usage: finish?.usage,
    error,
  }
}

const said = (chunks: readonly Chunk[], type: 'text' | 'reasoning') =>
  chunks.map((chunk) => (chunk.type === type ? chunk.text : '')).join('')
