import type { ProviderErrorCode } from '../provider-error.ts'

export interface RefusedCall {
  readonly provider: string
  readonly model: string
  readonly status: number | undefined
  /** The variable that holds the key; undefined where none is sent. */
  readonly keyVariable: string | undefined
  /** What the provider says of it, for what the user can change. */
  readonly quote: string
}

/** What happened, and what to do about it: two sentences for people, of which a provider may replace the second. */
export function refusalText(code: ProviderErrorCode, call: RefusedCall, advice?: string): string {
  const [happened, toDo] = sentences(code, call)
  return `${happened} ${advice ?? toDo}${call.quote}`
}

function sentences(code: ProviderErrorCode, call: RefusedCall): [happened: string, toDo: string] {
  const { provider, model, status, keyVariable } = call
  const answer = status === undefined ? '' : ` (${status})`
  switch (code) {
    case 'provider_refused':
      return status === 403
        ? [`${provider} does not let this key use ${model}${answer}.`, `Check ${keyVariable ?? 'its rights'}.`]
        : keyVariable === undefined
          ? [`${provider} wants a key for ${model}${answer}.`, 'Name the variable that holds it as key_env.']
          : [`${provider} does not accept the key for ${model}${answer}.`, `Check ${keyVariable}.`]
    case 'provider_quota_exhausted':
      return [`The account at ${provider} has no credit left for ${model}${answer}.`, 'Check its plan and its billing.']
    case 'provider_rate_limited':
      return [`${provider} takes no more requests for ${model} right now${answer}.`, 'Try again later.']
    case 'provider_unknown_model':
      return status !== undefined && status < 400
        ? [`${provider} sends us to another address${answer}, which is not followed.`, 'Check the base URL.']
        : [`${provider} does not know the model ${model}${answer}.`, 'Check its name and the base URL.']
    case 'provider_context_too_long':
      return [`The conversation is too long for ${model}.`, 'Begin a new one, or choose a model that takes more.']
    case 'provider_content_filtered':
      return [`${provider} refuses this content.`, 'Put it differently.']
    case 'provider_unsupported':
      return [`${provider} has no form for something in this conversation.`, 'Leave it out, or choose another model.']
    case 'provider_bad_request':
    case 'request_lost':
      return [`${provider} cannot use this request for ${model}${answer}.`, 'Change what was sent.']
    case 'provider_unreachable':
      return [`${provider} cannot be reached.`, 'Check the base URL and the network.']
    case 'provider_unavailable':
      return [`${provider} cannot answer right now${answer}.`, 'Try again later.']
    case 'provider_timed_out':
    case 'provider_stalled':
    case 'provider_broken':
      return [`${provider} gave up on this answer${answer}.`, 'Try again.']
  }
}
