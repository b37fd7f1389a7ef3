import { createOpenAI } from '@ai-sdk/openai'
import type { RouteSettings } from '@spool/config'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { openAiRefusalCode } from './openai-refusals.ts'
import { responsesLineBytes } from './responses-line-bytes.ts'
import { responsesOptions } from './responses-options.ts'

/** OpenAI itself, through its Responses API. */
export function openAiProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  const { key = '' } = options
  const { baseUrl = 'https://api.openai.com/v1', model } = route
  const sdk = createOpenAI({ baseURL: baseUrl, apiKey: key, fetch: providerFetch(options, responsesLineBytes) })
  return new SdkProvider(route, {
    languageModel: sdk.responses(model),
    key,
    providerOptions: (call) => ({ openai: responsesOptions(call) }),
    refusalCode: openAiRefusalCode,
  })
}
