export const providerNames = ['openai', 'azure', 'anthropic', 'google', 'ollama', 'openai-compatible', 'demo'] as const
export type ProviderName = (typeof providerNames)[number]

/** What is done with the text that is there when an answer breaks off and the next try is this route's. */
export const continuations = ['prefill', 'restart', 'end'] as const
export type Continue = (typeof continuations)[number]

export const reasoningEfforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const
export type Reasoning = (typeof reasoningEfforts)[number]

/** One way to a model, as the file or the environment says. */
export interface RouteSettings {
  readonly provider: ProviderName
  /** As the provider knows it; for Azure the deployment. */
  readonly model: string
  /** For Azure the resource's endpoint, `https://<resource>.openai.azure.com`. */
  readonly baseUrl?: string
  /** Azure's. */
  readonly apiVersion?: string
  /** Name of the environment variable that holds the key; absent where none is sent. */
  readonly keyEnv?: string
  /** Tokens that the model takes in, its answer included; absent: what is known of its family, if anything is. */
  readonly contextWindow?: number
  readonly temperature?: number
  readonly maxTokens?: number
  readonly reasoning?: Reasoning
  readonly continues: Continue
  /** Its continuation repeats text of what it continues. */
  readonly repeats: boolean
  readonly firstTokenTimeoutMs: number
  readonly stallTimeoutMs: number
  /** Calls at a time, for each proxy; absent: no limit of its own. */
  readonly maxConcurrency?: number
  /** Calls before the next route is tried. */
  readonly attempts: number
}
