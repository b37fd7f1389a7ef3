import { AgentCatalogue } from './agents/agent-catalogue.ts'
import { agentDefaults } from './agents/agent-defaults.ts'
import { builtInAgents } from './agents/built-in-agents.ts'
import type { Environment } from './load-config.ts'
import { loadModels } from './models/load-models.ts'
import type { ModelCatalogue } from './models/model-catalogue.ts'
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
  /** Of an agent that says nothing else; by default an hour. */
  wallClockSeconds?: number
}

export function loadSpoolConfig(env: Environment, options: LoadSpoolConfigOptions = {}): SpoolConfig {
  const models = loadModels(env, options)
  const { wallClockSeconds = agentDefaults.wallClockSeconds } = options
  const agents = new AgentCatalogue(builtInAgents(wallClockSeconds))
  return { models, agents, tools: noTools, ...(models.file !== undefined && { file: models.file }) }
}
