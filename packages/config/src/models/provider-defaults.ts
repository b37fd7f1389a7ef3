import type { Continue, ProviderName } from './route-settings.ts'

export interface ProviderDefaults {
  /** The variables that usually hold its key, the first that is set counts; empty where a key has to be named. */
  readonly keyEnvs: readonly string[]
  readonly baseUrl?: string
  /** For a provider that is only named by the environment. */
  readonly model?: string
  readonly continues: Continue
}

export const providerDefaults: Readonly<Record<ProviderName, ProviderDefaults>> = {
  openai: { keyEnvs: ['OPENAI_API_KEY'], model: 'gpt-5-mini', continues: 'restart' },
  azure: { keyEnvs: ['AZURE_API_KEY'], continues: 'restart' },
  anthropic: { keyEnvs: ['ANTHROPIC_API_KEY'], model: 'claude-sonnet-4-5', continues: 'prefill' },
  google: {
    keyEnvs: ['GOOGLE_GENERATIVE_AI_API_KEY', 'GEMINI_API_KEY'],
    model: 'gemini-flash-latest',
    continues: 'prefill',
  },
  ollama: { keyEnvs: [], baseUrl: 'http://127.0.0.1:11434', model: 'llama3.2', continues: 'prefill' },
  // Whoever runs such a server is not to be sent the key of another provider.
  'openai-compatible': { keyEnvs: [], continues: 'prefill' },
  demo: { keyEnvs: [], model: 'demo', continues: 'prefill' },
}

/** The variables in which a provider's key is usually found. */
export const usualKeyEnvs: readonly string[] = Object.values(providerDefaults).flatMap(({ keyEnvs }) => keyEnvs)
