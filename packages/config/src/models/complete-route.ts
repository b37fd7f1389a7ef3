import type { Environment } from '../load-config.ts'
import { isSet } from '../is-set.ts'
import { providerDefaults } from './provider-defaults.ts'
import { routeDefaults } from './route-defaults.ts'
import type { Continue, ProviderName, RouteSettings } from './route-settings.ts'

export type GivenRoute = Pick<RouteSettings, 'provider' | 'model'> & Partial<RouteSettings>

/** A route with all that was left unsaid. */
export function completeRoute(given: GivenRoute, env: Environment): RouteSettings {
  const { keyEnvs, baseUrl } = providerDefaults[given.provider]
  const usual = {
    baseUrl: given.provider === 'azure' ? azureEndpoint(env) : baseUrl,
    keyEnv: keyEnvs.find((name) => isSet(env, name)) ?? keyEnvs[0],
    continues: continuesByDefault(given.provider, given.baseUrl),
    ...routeDefaults,
  }
  return { ...withoutGaps(usual), ...withoutGaps(given) }
}

/** Undefined where no resource is named. */
export function azureEndpoint(env: Environment): string | undefined {
  const resource = env['AZURE_RESOURCE_NAME']?.trim()
  return resource ? `https://${resource}.openai.azure.com` : undefined
}

/** OpenAI's own models answer anew when an answer of theirs ends the conversation. */
function continuesByDefault(provider: ProviderName, baseUrl: string | undefined): Continue {
  const isOpenAi = baseUrl !== undefined && URL.parse(baseUrl)?.hostname === 'api.openai.com'
  return isOpenAi ? 'restart' : providerDefaults[provider].continues
}

/** A field that is there without a value would hide the default. */
function withoutGaps<Fields extends object>(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Fields
}
