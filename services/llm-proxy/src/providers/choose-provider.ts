import { DemoProvider } from './demo/demo-provider.ts'
import { parseDemoModel } from './demo/demo-model.ts'
import { compatibleProvider } from './openai/compatible-provider.ts'
import { ProviderError } from './provider-error.ts'
import type { Provider } from './provider.ts'

export interface ProviderSettings {
  /** OPENAI_BASE_URL */
  baseUrl?: string
  /** OPENAI_API_KEY */
  apiKey?: string
  /** OPENAI_MODEL: what `default` stands for. */
  model?: string
}

const openAiUrl = 'https://api.openai.com/v1'
const openAiModel = 'gpt-5-mini'

/** What stands in an event as `model`: names of providers are like these, `deepseek/r1:free` and so on. */
const modelName = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/

/**
 * Which provider answers for a model's name. `demo…` is always the demo model. With a key or a base URL every other
 * name is the provider's own, and `default` is the one that OPENAI_MODEL names; with neither, `default` is the demo model.
 */
export class ProviderChoice {
  readonly #settings: ProviderSettings

  constructor(settings: ProviderSettings) {
    this.#settings = settings
  }

  knownModel(model: string): boolean {
    return isDemo(model) ? parseDemoModel(model) !== undefined : model === 'default' || this.#takesName(model)
  }

  choose(model: string): Provider {
    if (model === 'default')
      return this.#hasProvider ? this.#compatible(this.#settings.model ?? openAiModel) : demo('demo')
    if (isDemo(model)) return demo(model)
    if (this.#takesName(model)) return this.#compatible(model)
    throw unknownModel(model)
  }

  get #hasProvider(): boolean {
    return Boolean(this.#settings.apiKey || this.#settings.baseUrl)
  }

  #takesName(model: string): boolean {
    // The configured one comes back by its own name, whatever that is, when an answer is taken over.
    return this.#hasProvider && (modelName.test(model) || model === this.#settings.model)
  }

  #compatible(model: string): Provider {
    const { baseUrl = openAiUrl, apiKey } = this.#settings
    const route = {
      provider: 'openai-compatible',
      model,
      baseUrl,
      keyEnv: 'OPENAI_API_KEY',
      continues: URL.parse(baseUrl)?.hostname === 'api.openai.com' ? 'restart' : 'prefill',
      repeats: false,
      firstTokenTimeoutMs: 30_000,
      stallTimeoutMs: 30_000,
      attempts: 3,
    } as const
    return compatibleProvider(route, apiKey ? { key: apiKey } : {})
  }
}

const isDemo = (model: string) => model === 'demo' || model.startsWith('demo/')

function demo(model: string): Provider {
  const parsed = parseDemoModel(model)
  if (!parsed) throw unknownModel(model)
  return new DemoProvider(model, parsed)
}

const unknownModel = (model: string) =>
  new ProviderError(
    'provider_unknown_model',
    `There is no model ${JSON.stringify(model.slice(0, 100))}. Use "default" or "demo", or set OPENAI_API_KEY or OPENAI_BASE_URL for others.`,
  )
