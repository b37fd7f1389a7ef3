import type { Environment } from '../load-config.ts'
import { completeRoute } from './complete-route.ts'
import { ModelCatalogue } from './model-catalogue.ts'
import type { WrittenModels } from './models-schema.ts'
import type { WrittenRoute } from './route-schema.ts'

/** The models that a file names. */
export function fileModels(file: string, written: WrittenModels, env: Environment): ModelCatalogue {
  const aliases = Object.entries(written).map(
    ([alias, routes]) => [alias, routes.map((route) => completeRoute(settingsOf(route), env))] as const,
  )
  return new ModelCatalogue({ origin: 'file', file, aliases: new Map(aliases) })
}

function settingsOf(written: WrittenRoute) {
  return {
    provider: written.provider,
    model: written.model,
    baseUrl: written.base_url,
    apiVersion: written.api_version,
    keyEnv: written.key_env,
    contextWindow: written.context_window,
    temperature: written.temperature,
    maxTokens: written.max_tokens,
    reasoning: written.reasoning,
    continues: written.continue,
    repeats: written.repeats,
    firstTokenTimeoutMs: written.first_token_timeout_ms,
    stallTimeoutMs: written.stall_timeout_ms,
    maxConcurrency: written.max_concurrency,
    attempts: written.attempts,
  }
}
