/** An agent as it is shown to who may use it: nothing of how it is told to behave. */
export interface AgentStatus {
  readonly id: string
  readonly description: string | null
  readonly model: string
  /** Names; those of an MCP server are there while it is reached. */
  readonly tools: readonly string[]
  readonly confirmation: { readonly mode: 'never' | 'plan' | 'tools'; readonly timeout_seconds: number }
  readonly memory: boolean
  readonly language: string | null
  /** null: of all. */
  readonly tenants: readonly string[] | null
}

/** What a copy of agent-orchestrator answers when it is asked for its status. */
export interface AgentsStatus {
  readonly instance: string
  /** Of several that read their files at different times, the youngest is right. */
  readonly started_at: string
  /** Who answers where nobody is named, for tenants that may use it; else it is the first that they may use. */
  readonly default_agent: string | null
  readonly agents: readonly AgentStatus[]
}
