import { join } from 'node:path'
import { cacheFolder } from '../folders/cache-folder.ts'
import type { Plan, ServicePlan } from './plan.ts'
import type { LaunchSettings } from './settings.ts'

export interface Servers {
  natsUrl: string
  databaseUrl: string
}

/** What every process of ours is given: the caller's environment without the secrets that are not for all. */
export function commonEnvironment(plan: Plan, settings: LaunchSettings, { natsUrl }: Servers): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...settings.env,
    NATS_URL: natsUrl,
    LOG_LEVEL: settings.logLevel,
    SPOOL_SHARDS: String(settings.shards),
    // A third less time to start.
    NODE_COMPILE_CACHE: settings.env['NODE_COMPILE_CACHE'] ?? join(cacheFolder(), 'compiled'),
  }
  for (const secret of ['SPOOL_DEV_KEY', ...plan.services.flatMap(({ secrets = [] }) => secrets)]) delete env[secret]
  return env
}

export interface ServicePorts {
  http: number | undefined
  metrics: number
}

export function serviceEnvironment(
  plan: Plan,
  settings: LaunchSettings,
  servers: Servers,
  service: ServicePlan,
  instance: string,
  ports: ServicePorts,
): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { ...settings.env, DATABASE_URL: servers.databaseUrl }
  const secrets = (service.secrets ?? []).map((name) => [name, own[name]] as const)
  const told = (service.toldOf ?? []).filter((name) => own[name] !== undefined).map((name) => [name, 'set'] as const)
  return {
    ...commonEnvironment(plan, settings, servers),
    ...Object.fromEntries(told),
    ...Object.fromEntries(secrets.filter(([, value]) => value !== undefined)),
    // Metrics stay on the loopback address, whatever the gateway listens on.
    HOST: service.isGateway ? settings.host : '127.0.0.1',
    ...(ports.http !== undefined && { PORT: String(ports.http) }),
    METRICS_PORT: String(ports.metrics),
    SPOOL_INSTANCE: instance,
    SPOOL_DRAIN_MS: String(settings.drainMs),
    ...(settings.logFile !== undefined && { LOG_FILE: settings.logFile }),
  }
}
