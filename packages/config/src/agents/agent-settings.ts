/** An agent as the deployment defines it; everything is filled in. */
export interface AgentSettings {
  readonly id: string
  /** For people who choose one. */
  readonly description: string | null
  /** An alias of the models, or a name that a provider knows. */
  readonly model: string
  /** null: the default prompt, in the run's language. */
  readonly instructions: string | null
  /** Names of tools; `<server>__*` stands for all tools of an MCP server. */
  readonly tools: readonly string[]
  readonly confirmation: ConfirmationSettings
  readonly limits: AgentLimits
  readonly memory: boolean
  /** Where the request names none. */
  readonly language: string | null
  readonly temperature: number | null
  readonly maxTokens: number | null
  /** null: for all. */
  readonly tenants: readonly string[] | null
}

export interface ConfirmationSettings {
  readonly mode: 'never' | 'plan' | 'tools'
  /** Those that ask first, where the mode is `tools`. */
  readonly tools: readonly string[]
  readonly timeoutSeconds: number
}

export interface AgentLimits {
  /** Calls of a model in one run. */
  readonly steps: number
  readonly toolCalls: number
  /** Of all calls of a run together; null: no limit. */
  readonly tokens: number | null
  /** Time spent waiting for a person does not count. */
  readonly wallClockSeconds: number
}
