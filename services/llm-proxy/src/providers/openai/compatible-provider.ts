import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { RouteSettings } from '@spool/config'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { compatibleRefusalCode } from './compatible-refusals.ts'

/** The many servers that speak OpenAI's chat-completions API. */
export function compatibleProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  const { key } = options
  const { baseUrl = 'https://api.openai.com/v1', model } = route
  const sdk = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: baseUrl,
    includeUsage: true,
    fetch: providerFetch(options),
    // Local servers often need none.
    ...(key !== undefined && { apiKey: key }),
  })
  return new SdkProvider(route, {
    languageModel: sdk.chatModel(model),
    key,
    refusalCode: compatibleRefusalCode,
    brokenEnds,
  })
}

/** Reasons to finish by which OpenRouter, vLLM, DeepSeek and Zhipu say that they did not. */
const brokenEnds = new Set(['error', 'abort', 'insufficient_system_resource', 'network_error'])
