import type { ProviderName, RouteSettings } from '@spool/config'

/** A route as the catalogue would make it, with what a test wants otherwise. */
export function routeTo(provider: ProviderName, about: Partial<RouteSettings> = {}): RouteSettings {
  return {
    provider,
    model: 'test-model',
    keyEnv: 'TEST_API_KEY',
    continues: 'prefill',
    repeats: false,
    firstTokenTimeoutMs: 30_000,
    stallTimeoutMs: 30_000,
    attempts: 3,
    ...about,
  }
}
