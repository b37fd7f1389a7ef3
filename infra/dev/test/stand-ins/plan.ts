import { join } from 'node:path'
import type { Plan } from '../../src/launcher/plan.ts'

export const standIn = (name: string) => join(import.meta.dirname, `${name}.mjs`)

/** The four services, each of them a few lines. */
export const standInPlan: Plan = {
  root: import.meta.dirname,
  services: [
    { name: 'gateway', script: standIn('gateway'), isGateway: true },
    { name: 'agent-orchestrator', script: standIn('worker') },
    { name: 'llm-proxy', script: standIn('worker'), models: 'with-keys' },
    { name: 'persistence', script: standIn('worker'), secrets: ['DATABASE_URL'] },
  ],
}
