/** What one copy of llm-proxy knows of one way to a model. It goes to whoever may ask for it, so it holds no address. */
export interface RouteStatus {
  /** As it is asked for: an alias, or a provider's own name. */
  readonly model: string
  readonly provider: string
  readonly provider_model: string
  /** `probing`: it was left out, and one call is let through to see whether it is back. */
  readonly state: 'ok' | 'left_out' | 'probing'
  readonly failures_in_a_row: number
  /** In progress. */
  readonly calls: number
  /** Calls that wait because the route has as many as it may have. */
  readonly waiting: number
  readonly last_error: { readonly code: string; readonly at: string } | null
  /** Until then it is left out. */
  readonly back_at: string | null
}

/** What a copy of llm-proxy answers when it is asked for its status. */
export interface ProxyStatus {
  readonly instance: string
  readonly routes: readonly RouteStatus[]
}
