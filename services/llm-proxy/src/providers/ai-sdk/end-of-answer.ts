import type { LanguageModelV4FinishReason } from '@ai-sdk/provider'
import type { Usage } from '@spool/events'
import { ProviderError } from '../provider-error.ts'
import type { FinishReason } from '../provider.ts'

/** What is particular in how a provider ends its answers. */
export interface Endings {
  /** Its words for an end that is none: nothing broke, but the answer is not whole. */
  readonly brokenEnds?: ReadonlySet<string>
  /** It is known to stop now and then before it has said anything; asked again it answers. */
  readonly emptyIsBroken?: boolean
}

export interface Said {
  readonly isEmpty: boolean
  readonly hasCalls: boolean
}

/** Anthropic's and Zhipu's word for an answer that has come to the end of the model's window. */
const windowIsFull = /context_window_exceeded/

/** @param usage What the provider says that the call has cost, whatever its end. */
export function endOfAnswer(
  { unified, raw }: LanguageModelV4FinishReason,
  said: Said,
  endings: Endings,
  usage?: Usage,
): FinishReason {
  const broken = () =>
    new ProviderError('provider_broken', 'The provider gave up before the end of the answer. Try again.', {
      ...(usage && { usage }),
    })

  if (raw !== undefined && endings.brokenEnds?.has(raw)) throw broken()
  switch (unified) {
    case 'length':
      return 'length'
    case 'tool-calls':
      return 'tool_calls'
    case 'content-filter':
      return 'content_filter'
    case 'error':
    case 'interrupted':
      throw broken()
    case 'other':
      if (raw !== undefined && windowIsFull.test(raw)) return 'length'
      // Many compatible servers have words of their own for an ordinary end; but without a word it was none.
      if (raw === undefined) throw broken()
      return said.hasCalls ? 'tool_calls' : 'stop'
    case 'stop':
      if (endings.emptyIsBroken && said.isEmpty) throw broken()
      return said.hasCalls ? 'tool_calls' : 'stop'
  }
}
