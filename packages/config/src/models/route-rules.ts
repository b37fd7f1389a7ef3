import type { Environment } from '../load-config.ts'
import { azureEndpoint } from './complete-route.ts'
import { isSet } from '../is-set.ts'
import type { RawMap } from '../file/is-map.ts'
import { isVariableName } from '../file/looks-like-key.ts'
import { isDemoName } from './model-name.ts'
import { providerDefaults } from './provider-defaults.ts'
import { type ProviderName, providerNames } from './route-settings.ts'

export interface RouteRuleBroken {
  field: string
  problem: string
}

/** What is wrong with a route as it stands in the file although each of its fields may be right. */
export function routeRulesBroken(route: RawMap, env: Environment, requireKeys: boolean): RouteRuleBroken[] {
  const provider = providerNames.find((name) => name === route['provider'])
  if (provider === undefined) return []
  const rules = [missingAddress, fieldsOfOthers, noDemoModel, ...(requireKeys ? [keyNotSet] : [])]
  return rules.flatMap((rule) => rule(provider, route, env))
}

type Rule = (provider: ProviderName, route: RawMap, env: Environment) => RouteRuleBroken[]

const missingAddress: Rule = (provider, route, env) => {
  if (route['base_url'] !== undefined) return []
  if (provider === 'openai-compatible')
    return [{ field: 'base_url', problem: 'is missing; an openai-compatible server can be anywhere' }]
  if (provider !== 'azure' || azureEndpoint(env) !== undefined) return []
  return [{ field: 'base_url', problem: 'is missing; give the endpoint of the resource, or set AZURE_RESOURCE_NAME' }]
}

const fieldsOfOthers: Rule = (provider, route) => {
  const foreign =
    provider === 'demo' ? ['api_version', 'base_url', 'key_env'] : provider === 'azure' ? [] : ['api_version']
  return foreign
    .filter((field) => route[field] !== undefined)
    .map((field) => ({ field, problem: `means nothing to ${provider}; leave it out` }))
}

const noDemoModel: Rule = (provider, route) => {
  const model = route['model']
  if (provider !== 'demo' || typeof model !== 'string' || isDemoName(model)) return []
  return [{ field: 'model', problem: 'must be demo or one of its kinds, such as demo/steady?tokens=200' }]
}

const keyNotSet: Rule = (provider, route, env) => {
  const named = route['key_env']
  // Anything else was refused for its form, and may be the key itself.
  if (named !== undefined && (typeof named !== 'string' || !isVariableName(named))) return []
  const candidates = named === undefined ? providerDefaults[provider].keyEnvs : [named]
  if (candidates.length === 0 || candidates.some((name) => isSet(env, name))) return []
  const field = named === undefined ? 'provider' : 'key_env'
  const advice = `Set it, name another variable with key_env, or take this route out`
  return [{ field, problem: `${candidates.join(' or ')} is not set in the environment. ${advice}` }]
}
