import type { Environment } from '../load-config.ts'
import { loadSpoolConfig, type LoadSpoolConfigOptions } from '../load-spool-config.ts'
import type { ModelCatalogue } from './model-catalogue.ts'

/** Which models there are, for who needs nothing else of what `loadSpoolConfig` reads. */
export function loadModels(
  env: Environment,
  options: Pick<LoadSpoolConfigOptions, 'requireKeys' | 'folder'> = {},
): ModelCatalogue {
  return loadSpoolConfig(env, options).models
}
