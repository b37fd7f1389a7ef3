import type { RouteSettings } from '@spool/config'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { OllamaLanguageModel } from './ollama-language-model.ts'
import { ollamaRefusalCode } from './ollama-refusals.ts'

export function ollamaProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  const { key } = options
  const { model, baseUrl = 'http://127.0.0.1:11434', contextWindow } = route
  const fetch = providerFetch(options)
  return new SdkProvider(route, {
    languageModel: new OllamaLanguageModel({
      model,
      baseUrl,
      fetch,
      ...(contextWindow !== undefined && { contextWindow }),
      ...(key !== undefined && { key }),
    }),
    key,
    refusalCode: ollamaRefusalCode,
    advice: {
      provider_unknown_model: `Load it with: ollama pull ${model}`,
      // Of the address no more: its path may hold a key.
      provider_unreachable: `Is it running at ${new URL(baseUrl).origin}?`,
      provider_context_too_long:
        'Begin a new one, or let it take more: set context_window, or OLLAMA_CONTEXT_LENGTH where it runs.',
    },
  })
}
