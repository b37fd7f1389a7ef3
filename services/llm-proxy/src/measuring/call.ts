import { genAiAttributes } from '@spool/telemetry'
import type { GenerateParameters } from '../providers/provider.ts'
import type { CallContent } from './call-content.ts'
import { modelLabel } from './model-label.ts'
import { providerLabel } from './provider-label.ts'

/** One call of a provider, as whoever watches it is told. */
export interface Call {
  readonly provider: string
  readonly model: string
  /** What was asked for: an alias, or the model itself. */
  readonly asked?: string
  readonly baseUrl?: string
  readonly parameters: GenerateParameters
  readonly tenant: string
  readonly session: string
  readonly run: string
  readonly message: string
  readonly attempt: number
  readonly reason: string
  /** What was said, looked at when the call is over and only where that is switched on. */
  readonly content?: () => CallContent
}

export const OPERATION = 'chat'

/** What every metric of a call says of it. */
export function labelsOf({ provider, model }: Pick<Call, 'provider' | 'model'>) {
  return {
    [genAiAttributes.operationName]: OPERATION,
    [genAiAttributes.providerName]: providerLabel(provider),
    [genAiAttributes.requestModel]: modelLabel(model),
  }
}
