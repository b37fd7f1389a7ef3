export { ConfigError, type ConfigProblem } from './config-error.ts'
export { describeSettings, type SettingDescription } from './describe-settings.ts'
export { noTools, toolVariables } from './tools/tools-settings.ts'
export { loadConfig, type Environment } from './load-config.ts'
export { serviceSettings } from './service-settings.ts'
export {
  baseUrl,
  boolean,
  copies,
  identifier,
  milliseconds,
  oneOf,
  origins,
  port,
  secret,
  text,
  url,
  urls,
  wholeNumber,
} from './settings.ts'
export { loadSpoolConfig, type LoadSpoolConfigOptions, type SpoolConfig } from './load-spool-config.ts'
export { loadLimits } from './limits/load-limits.ts'
export { LimitCatalogue, type TenantLimits } from './limits/tenant-limits.ts'
export { loadModels } from './models/load-models.ts'
export { type CatalogueOptions, ModelCatalogue } from './models/model-catalogue.ts'
export { configFile, type ConfigFileOptions } from './file/config-file.ts'
export { ConfigFileInvalid, type FileProblem } from './file/config-file-invalid.ts'
export { modelSettings } from './models/model-settings.ts'
export { usualKeyEnvs } from './models/provider-defaults.ts'
export type { Continue, ProviderName, Reasoning, RouteSettings } from './models/route-settings.ts'
export { problemOf, requireSchema } from './json-schema/problem-of.ts'
export { AgentCatalogue } from './agents/agent-catalogue.ts'
export { languageTag } from './agents/language-tag.ts'
export { builtInAgents } from './agents/built-in-agents.ts'
export type { AgentLimits, AgentSettings, ConfirmationSettings } from './agents/agent-settings.ts'
export type {
  HttpGetSettings,
  McpServerSettings,
  ShellSettings,
  ToolsSettings,
  WebhookSettings,
  WorkspaceSettings,
} from './tools/tools-settings.ts'
