import type { Environment } from '../load-config.ts'
import { environmentModels } from './environment-models.ts'
import type { ModelCatalogue } from './model-catalogue.ts'

export interface LoadModelsOptions {
  /** A key that is named but not set is a problem. Off for who only wants to know which models there are. */
  requireKeys?: boolean
  /** Where `spool.config.yaml` is looked for; by default the working folder. */
  folder?: string
}

/** Which models there are. */
export function loadModels(env: Environment, _options: LoadModelsOptions = {}): ModelCatalogue {
  return environmentModels(env)
}
