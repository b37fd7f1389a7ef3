import type { Usage } from '@spool/events'
import type { ProviderError } from '../providers/provider-error.ts'
import type { Chunk } from '../providers/provider.ts'

/** How a provider ended its answer. */
export type Finish = Extract<Chunk, { type: 'finish' }>

export type AttemptOutcome =
  | { readonly kind: 'completed'; readonly finish: Finish }
  /** The writer's standing or a hand-over says why. `finish`: the provider was through already. */
  | { readonly kind: 'stopped'; readonly finish: Finish | null; readonly usage?: Usage }
  | {
      readonly kind: 'failed'
      readonly error: ProviderError
      /** It was asked to go on after a text. */
      readonly continued: boolean
      /** It brought the text on by what is worth a call. */
      readonly progressed: boolean
      /** As far as the provider had told. */
      readonly usage?: Usage
    }
