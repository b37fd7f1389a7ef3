import type { ModelCatalogue } from '@spool/config'

/** Who answers. Defined by the deployment; a run names one, else the session's last one answers, else the default. */
export interface Agent {
  readonly id: string
  readonly model: string
  readonly instructions: string
  readonly wallClockSeconds: number
}

export interface Agents {
  readonly byDefault: string
  find(id: string): Agent | undefined
  knowsModel(model: string): boolean
}

/** The agents that exist where nothing else is configured. */
export function builtInAgents(options: { models: Pick<ModelCatalogue, 'knows'>; wallClockSeconds: number }): Agents {
  const demo: Agent = {
    id: 'demo',
    model: 'default',
    instructions: 'You are a helpful AI assistant.',
    wallClockSeconds: options.wallClockSeconds,
  }
  return {
    byDefault: demo.id,
    find: (id) => (id === demo.id ? demo : undefined),
    knowsModel: (model) => options.models.knows(model),
  }
}
