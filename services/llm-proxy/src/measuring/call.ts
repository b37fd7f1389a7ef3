import type { GenerateParameters } from '../providers/provider.ts'
import type { CallContent } from './call-content.ts'

/** One call of a provider, as whoever watches it is told. */
export interface Call {
  readonly provider: string
  readonly model: string
  /** What was asked for: an alias, or the model itself. */
  readonly asked: string
  readonly baseUrl: string | undefined
  readonly parameters: GenerateParameters
  readonly tenant: string
  readonly session: string
  readonly run: string
  readonly message: string
  readonly attempt: number
  readonly purpose: string
  readonly reason: string
  /** What was said, looked at when the call is over and only where that is switched on. */
  readonly content: () => CallContent
}
