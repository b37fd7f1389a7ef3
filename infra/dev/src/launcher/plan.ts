import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchProblem } from './launch-problem.ts'

/** What is run: the real services, or a test's stand-ins. */
export interface Plan {
  /** Scripts are run from here; their paths are relative to it, or absolute. */
  root: string
  /** Prepares NATS. */
  provision?: string
  /** Prepares Postgres. */
  migrate?: string
  /** In the order in which they are stopped. */
  services: readonly ServicePlan[]
}

export interface ServicePlan {
  name: string
  script: string
  /** Listens on PORT for the world outside, and says on `/readyz` whether Spool can be used. */
  isGateway?: boolean
  /** Variables that this service alone is given, because they hold secrets. */
  secrets?: readonly string[]
  /** It reads which models there are: with the keys of their providers, or told only that these are set. */
  models?: 'with-keys' | 'without-keys'
  /** No token waits for it. */
  isBesideTheToken?: boolean
  /** It runs the tools of agents, so it is given what these name. */
  runsTools?: boolean
}

const spoolRoot = join(import.meta.dirname, '../../../..')

export const spoolPlan: Plan = {
  root: spoolRoot,
  provision: 'packages/log/dist/provisioning/provision-main.js',
  migrate: 'services/persistence/dist/migrate.js',
  services: [
    { name: 'gateway', script: 'services/gateway/dist/main.js', isGateway: true, secrets: ['SPOOL_JWT_SECRET'] },
    {
      name: 'agent-orchestrator',
      script: 'services/agent-orchestrator/dist/main.js',
      models: 'without-keys',
      runsTools: true,
    },
    { name: 'llm-proxy', script: 'services/llm-proxy/dist/main.js', models: 'with-keys' },
    {
      name: 'persistence',
      script: 'services/persistence/dist/main.js',
      secrets: ['DATABASE_URL'],
      isBesideTheToken: true,
    },
  ],
}

/** Says at once, and once, what was not built. */
export function requireScripts({ root, provision, migrate, services }: Plan): void {
  const scripts = [provision, migrate, ...services.map(({ script }) => script)].filter((script) => script !== undefined)
  const missing = scripts.filter((script) => !existsSync(script.startsWith('/') ? script : join(root, script)))
  if (missing.length === 0) return
  throw new LaunchProblem(`Not built: ${missing.join(', ')}. Run: npm run build`)
}
