import { createAnthropic } from '@ai-sdk/anthropic'
import type { RouteSettings } from '@spool/config'
import { baseUrlWith } from '../ai-sdk/base-url.ts'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { anthropicRefusalCode } from './anthropic-refusals.ts'
import { anthropicUsage } from './anthropic-usage.ts'
import { mustNotThink } from './must-not-think.ts'

/** Anthropic's Messages API. */
export function anthropicProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  // Both are always given: what is left out, the SDK would look for in the environment.
  const { key = '' } = options
  const { baseUrl = 'https://api.anthropic.com', model } = route
  const sdk = createAnthropic({ baseURL: baseUrlWith('/v1', baseUrl), apiKey: key, fetch: providerFetch(options) })
  return new SdkProvider(route, {
    languageModel: sdk.languageModel(model),
    key,
    providerOptions: (call) => ({ anthropic: mustNotThink(model, call) ? { thinking: { type: 'disabled' } } : {} }),
    refusalCode: anthropicRefusalCode,
    usageOfFrame: anthropicUsage,
  })
}
