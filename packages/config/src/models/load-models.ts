import type { Environment } from '../load-config.ts'
import { environmentModels } from './environment-models.ts'
import { fileModels } from './file-models.ts'
import type { ModelCatalogue } from './model-catalogue.ts'
import { modelsFile } from './models-file.ts'

export interface LoadModelsOptions {
  /** A key that is named but not set is a problem. Off for who only wants to know which models there are. */
  requireKeys?: boolean
  /** Where `spool.config.yaml` is looked for; by default the working folder. */
  folder?: string
}

/**
 * Which models there are: those of the file that SPOOL_CONFIG names, else of `spool.config.yaml` where it is there, else
 * of the providers whose usual variables are set, else the demo model. Throws a `ModelsInvalid` for a file, and a
 * `ConfigError` for variables, that names all that cannot be used.
 */
export function loadModels(env: Environment, options: LoadModelsOptions = {}): ModelCatalogue {
  const { requireKeys = false, folder } = options
  const file = modelsFile(env, { folder })
  return file === undefined ? environmentModels(env) : fileModels(file, env, requireKeys)
}
