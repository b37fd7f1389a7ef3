import type { RouteSettings } from '@spool/config'
import type { GenerateParameters } from './provider.ts'

type Defaults = Pick<RouteSettings, 'temperature' | 'maxTokens' | 'reasoning'>

/** What the route sets counts where the request says nothing. */
export function routeParameters(route: Defaults, requested: GenerateParameters | null | undefined): GenerateParameters {
  const { temperature, maxTokens, reasoning } = route
  return {
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(reasoning !== undefined && { reasoning }),
    ...requested,
  }
}
