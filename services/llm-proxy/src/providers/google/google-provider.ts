import { createGoogle } from '@ai-sdk/google'
import type { RouteSettings } from '@spool/config'
import { baseUrlWith } from '../ai-sdk/base-url.ts'
import { providerFetch } from '../ai-sdk/provider-fetch.ts'
import { SdkProvider } from '../ai-sdk/sdk-provider.ts'
import type { OpenOptions } from '../open-options.ts'
import type { Provider } from '../provider.ts'
import { googleRefusalCode, googleWaitMs } from './google-refusals.ts'
import { googleUsage } from './google-usage.ts'

/** Gemini, through the API of Google AI Studio. */
export function googleProvider(route: RouteSettings, options: OpenOptions = {}): Provider {
  // Both are always given: what is left out, the SDK would look for in the environment.
  const { key = '' } = options
  const { baseUrl = 'https://generativelanguage.googleapis.com', model } = route
  const sdk = createGoogle({ baseURL: baseUrlWith('/v1beta', baseUrl), apiKey: key, fetch: providerFetch(options) })
  return new SdkProvider(route, {
    languageModel: sdk.languageModel(model),
    key,
    // Otherwise it thinks, but does not tell what.
    providerOptions: ({ reasoning = 'none' }) => ({
      google: reasoning === 'none' ? {} : { thinkingConfig: { includeThoughts: true } },
    }),
    refusalCode: googleRefusalCode,
    usageOfFrame: googleUsage,
    bodyWaitMs: googleWaitMs,
    brokenEnds,
    emptyIsBroken: true,
  })
}

const brokenEnds = new Set([
  'FINISH_REASON_UNSPECIFIED',
  'LANGUAGE',
  'MALFORMED_RESPONSE',
  'MISSING_THOUGHT_SIGNATURE',
  'OTHER',
  'TOO_MANY_TOOL_CALLS',
  'UNEXPECTED_TOOL_CALL',
])
