import { join } from 'node:path'
import {
  type Environment,
  type ModelCatalogue,
  modelSettings,
  type ToolsSettings,
  toolVariables,
  usualKeyEnvs,
} from '@spool/config'
import { cacheFolder } from '../folders/cache-folder.ts'
import type { Plan, ServicePlan } from './plan.ts'
import type { LaunchSettings } from './settings.ts'

export interface Servers {
  natsUrl: string
  /** As the user that a service is there. Without it all are the one that `natsUrl` names. */
  natsUrlOf?: ((service: string) => string) | undefined
  databaseUrl: string
}

/** What every process of ours is given: the caller's environment without the secrets that are not for all. */
export function commonEnvironment(plan: Plan, settings: LaunchSettings, { natsUrl }: Servers): NodeJS.ProcessEnv {
  const { models, tools, file } = settings.config
  const env: NodeJS.ProcessEnv = { ...settings.env }
  const secrets = plan.services.flatMap((service) => service.secrets ?? [])
  for (const secret of ['SPOOL_DEV_KEY', ...secrets, ...keyVariables(models), ...secretsOf(tools)]) delete env[secret]
  for (const name of Object.keys(modelSettings)) if (!isSet(env, name)) delete env[name]
  return {
    ...env,
    NATS_URL: natsUrl,
    LOG_LEVEL: settings.logLevel,
    SPOOL_SHARDS: String(settings.shards),
    SPOOL_DATA: settings.dataFolder,
    // All of them read the file that we have read, whatever lies in their working folder.
    SPOOL_CONFIG: file ?? 'none',
    // A third less time to start.
    NODE_COMPILE_CACHE: settings.env['NODE_COMPILE_CACHE'] ?? join(cacheFolder(), 'compiled'),
  }
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
  return {
    ...keysFor(service, settings),
    ...(service.runsTools && onlySet(settings.env, secretsOf(settings.config.tools))),
    ...commonEnvironment(plan, settings, servers),
    NATS_URL: servers.natsUrlOf?.(service.name) ?? servers.natsUrl,
    ...onlySet(own, service.secrets ?? []),
    // Metrics stay on the loopback address, whatever the gateway listens on.
    HOST: service.isGateway ? settings.host : '127.0.0.1',
    ...(ports.http !== undefined && { PORT: String(ports.http) }),
    METRICS_PORT: String(ports.metrics),
    SPOOL_INSTANCE: instance,
    SPOOL_DRAIN_MS: String(settings.drainMs),
    ...(settings.logFile !== undefined && { LOG_FILE: settings.logFile }),
  }
}

function keysFor({ models }: ServicePlan, settings: LaunchSettings): NodeJS.ProcessEnv {
  if (models === undefined) return {}
  const keys = onlySet(settings.env, keyVariables(settings.config.models))
  return models === 'with-keys' ? keys : Object.fromEntries(Object.keys(keys).map((name) => [name, 'set']))
}

/** Each variable in which a key may be, whether or not a route is asked with it. */
function keyVariables(models: ModelCatalogue): string[] {
  const named = [...models.aliases.values()].flat().flatMap(({ keyEnv }) => keyEnv ?? [])
  return [...new Set([...usualKeyEnvs, ...named])]
}

/** A tool may be given a variable that is there for everybody as well; that one is kept from nobody. */
const secretsOf = (tools: ToolsSettings) => toolVariables(tools).filter((name) => !isForAll.test(name))

const isForAll = /^(PATH|HOME|USER|SHELL|LANG|TZ|TMPDIR|HTTPS?_PROXY|NO_PROXY|(LC|NODE|SSL|SPOOL|OTEL|LOG)_.*)$/

const onlySet = (env: Environment, names: readonly string[]): NodeJS.ProcessEnv =>
  Object.fromEntries(names.filter((name) => isSet(env, name)).map((name) => [name, env[name]]))

/** White space is not taken for a key or a name, as in the catalogue. */
const isSet = (env: Environment, name: string): boolean => Boolean(env[name]?.trim())
