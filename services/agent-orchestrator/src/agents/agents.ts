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

const DEMO_MODEL = /^demo(\/[a-z-]+(\?.*)?)?$/
const PROVIDER_MODEL = /^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$/

/** The agents that exist where nothing else is configured. */
export function builtInAgents(options: { hasProvider: boolean; wallClockSeconds: number }): Agents {
  const demo: Agent = {
    id: 'demo',
    model: 'default',
    instructions: 'You are a helpful AI assistant.',
    wallClockSeconds: options.wallClockSeconds,
  }
  return {
    byDefault: demo.id,
    find: (id) => (id === demo.id ? demo : undefined),
    knowsModel: (model) =>
      model === 'default' || DEMO_MODEL.test(model) || (options.hasProvider && PROVIDER_MODEL.test(model)),
  }
}
