import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { CallTimeouts } from './ai-sdk/call-deadline.ts'
import { SdkProvider } from './ai-sdk/sdk-provider.ts'
import { limitLines } from './ai-sdk/limit-lines.ts'
import type { Provider } from './provider.ts'

export interface OpenAiCompatibleOptions {
  baseUrl: string
  /** Local servers often need none. */
  apiKey?: string
  model: string
  timeouts?: CallTimeouts
  /** The longest line of an answer that is taken. */
  maxLineBytes?: number
}

export const defaultTimeouts: CallTimeouts = { firstTokenMs: 30_000, stallMs: 30_000 }

/** No event takes more, and it bounds what one answer can hold in memory. */
const defaultMaxLineBytes = 256 * 1024

/** OpenAI itself, and the many servers that speak its chat-completions API. */
export function openAiCompatible(options: OpenAiCompatibleOptions): Provider {
  const { baseUrl, apiKey, model, timeouts = defaultTimeouts, maxLineBytes = defaultMaxLineBytes } = options
  const sdk = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: baseUrl,
    includeUsage: true,
    fetch: limitLines(maxLineBytes),
    ...(apiKey !== undefined && { apiKey }),
  })
  return new SdkProvider({
    name: 'openai-compatible',
    languageModel: sdk.chatModel(model),
    // The API has no word for "go on from here". Most servers take an assistant message at the end as the beginning of
    // the answer; OpenAI's own models answer anew instead.
    continuesText: URL.parse(baseUrl)?.hostname !== 'api.openai.com',
    timeouts,
    keyVariable: 'OPENAI_API_KEY',
    secrets: apiKey ? [apiKey] : [],
  })
}
