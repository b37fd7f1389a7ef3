import type { LanguageModelV4CallOptions } from '@ai-sdk/provider'

/** What the Responses API is asked for beyond what all providers are. */
export function responsesOptions({ reasoning }: LanguageModelV4CallOptions) {
  const reasons = reasoning !== undefined && reasoning !== 'none'
  return {
    // The log is ours: the provider need not keep the conversation too.
    store: false,
    // Else it reasons without a word. Accounts that are not verified may not ask for this.
    ...(reasons && { reasoningSummary: 'auto' }),
  }
}
