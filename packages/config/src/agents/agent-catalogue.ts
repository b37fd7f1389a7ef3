import type { AgentSettings } from './agent-settings.ts'

/** Who can answer, each as the deployment defines it. An agent of other tenants does not exist for a tenant. */
export class AgentCatalogue {
  readonly #agents: readonly AgentSettings[]
  readonly #byDefault: string | undefined

  /** In the order in which they are shown; the default is the first where none is named. */
  constructor(agents: readonly AgentSettings[], byDefault: string | undefined = agents[0]?.id) {
    this.#agents = agents
    this.#byDefault = byDefault
  }

  /** Who answers a tenant that names nobody; undefined where it has no agent at all. */
  byDefaultFor(tenant: string): AgentSettings | undefined {
    const agents = this.list(tenant)
    return agents.find(({ id }) => id === this.#byDefault) ?? agents[0]
  }

  find(id: string, tenant: string): AgentSettings | undefined {
    return this.list(tenant).find((agent) => agent.id === id)
  }

  list(tenant: string): readonly AgentSettings[] {
    return this.#agents.filter(({ tenants }) => tenants === null || tenants.includes(tenant))
  }

  /** Of all tenants. */
  get all(): readonly AgentSettings[] {
    return this.#agents
  }

  /** Of who names nobody, where it may be used. */
  get byDefault(): string | undefined {
    return this.#byDefault
  }
}
