import type { Environment } from '../load-config.ts'
import { isMap } from '../file/is-map.ts'
import type { RuleBroken } from '../file/rule-broken.ts'
import { isModelName } from './model-name.ts'
import { routeRulesBroken } from './route-rules.ts'

/**
 * What is wrong with the models of a file beyond what its schema says. Takes the file as it is written, for a schema says nothing more
 * of a value in which anything is wrong already.
 */
export function modelsRulesBroken(file: unknown, env: Environment, requireKeys: boolean): RuleBroken[] {
  if (!isMap(file) || !isMap(file['models'])) return []
  const broken: RuleBroken[] = []
  if (!Object.hasOwn(file['models'], 'default')) {
    const problem = 'has no "default", the model that is asked for where nobody names another'
    broken.push({ path: ['models'], problem })
  }
  for (const [alias, routes] of Object.entries(file['models'])) {
    if (!isAliasName(alias)) {
      const problem =
        'must be called something with letters, digits and ._:/@+- (1 to 200), but not demo, which is built in'
      broken.push({ path: ['models', alias], problem })
    }
    if (!Array.isArray(routes)) continue
    for (const [index, route] of routes.entries()) {
      if (!isMap(route)) continue
      for (const { field, problem } of routeRulesBroken(route, env, requireKeys))
        broken.push({ path: ['models', alias, index, field], problem })
    }
  }
  return broken
}

const isAliasName = (name: string) => isModelName(name) && name !== 'demo' && !name.startsWith('demo/')
