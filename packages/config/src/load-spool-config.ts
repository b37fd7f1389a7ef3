import { AgentCatalogue } from './agents/agent-catalogue.ts'
import { agentDefaults } from './agents/agent-defaults.ts'
import { agentRulesBroken } from './agents/agent-rules.ts'
import { builtInAgents } from './agents/built-in-agents.ts'
import { fileAgents } from './agents/file-agents.ts'
import { configFile } from './file/config-file.ts'
import { isMap } from './file/is-map.ts'
import { readConfigFile } from './file/read-config-file.ts'
import type { Environment } from './load-config.ts'
import { environmentModels } from './models/environment-models.ts'
import { fileModels } from './models/file-models.ts'
import type { ModelCatalogue } from './models/model-catalogue.ts'
import { isDemoName } from './models/model-name.ts'
import { modelsRulesBroken } from './models/models-rules.ts'
import { fileSchema } from './spool-file.ts'
import { fileTools } from './tools/file-tools.ts'
import { toolRulesBroken } from './tools/tool-rules.ts'
import { noTools, type ToolsSettings } from './tools/tools-settings.ts'

export interface SpoolConfig {
  readonly models: ModelCatalogue
  readonly agents: AgentCatalogue
  readonly tools: ToolsSettings
  /** What was read, as an absolute path; absent where there is no file. */
  readonly file?: string
}

export interface LoadSpoolConfigOptions {
  /** A key of a provider that is named but not set is a problem. Off for who only wants to know which models there are. */
  requireKeys?: boolean
  /** The same for what webhooks and MCP servers name. */
  requireToolVariables?: boolean
  /** Where `spool.config.yaml` is looked for; by default the working folder. */
  folder?: string
  /** Longest time of a run of an agent that says nothing else; by default an hour. */
  wallClockSeconds?: number
}

/**
 * Which models, agents and tools there are: those of the file that SPOOL_CONFIG names, else of `spool.config.yaml` where
 * it is there. Where no file names models they are those of the providers whose usual variables are set, else the demo
 * model; where it defines no agents there are those that show what agents can do. Throws a `ConfigFileInvalid` for a
 * file, and a `ConfigError` for variables, that names all that cannot be used.
 */
export function loadSpoolConfig(env: Environment, options: LoadSpoolConfigOptions = {}): SpoolConfig {
  const { requireKeys = false, requireToolVariables = false, folder } = options
  const { wallClockSeconds = agentDefaults.wallClockSeconds } = options
  const file = configFile(env, { folder })
  if (file === undefined) {
    const agents = new AgentCatalogue(builtInAgents(wallClockSeconds))
    return { models: environmentModels(env), agents, tools: noTools }
  }
  const written = readConfigFile(file, fileSchema, (raw) => [
    ...modelsRulesBroken(raw, env, requireKeys),
    ...agentRulesBroken(raw, modelsFor(raw, env)),
    ...toolRulesBroken(raw, requireToolVariables ? env : undefined),
  ])
  const agents = written.agents ? fileAgents(written.agents, wallClockSeconds) : builtInAgents(wallClockSeconds)
  return {
    models: written.models ? fileModels(file, written.models, env) : environmentModels(env),
    agents: new AgentCatalogue(agents, written.default_agent),
    tools: fileTools(file, written, env),
    file,
  }
}

/** Those that agents may name, also where something is wrong with them. */
function modelsFor(raw: unknown, env: Environment) {
  if (isMap(raw) && raw['models'] !== undefined) {
    const models = isMap(raw['models']) ? Object.keys(raw['models']) : undefined
    return {
      models: models ?? [],
      knowsModel: (model: string) => models === undefined || models.includes(model) || isDemoName(model),
    }
  }
  const models = environmentModels(env)
  return { models: [...models.aliases.keys()], knowsModel: (model: string) => models.knows(model) }
}
