import type { Environment, ToolsSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import { BuiltInTools } from './built-in/built-in-tools.ts'
import { McpServers } from './mcp/mcp-servers.ts'
import { Toolbox } from './toolbox.ts'
import { Webhooks } from './webhooks/webhooks.ts'

export interface OpenTools {
  readonly toolbox: Toolbox
  /** Ends the programs that were started for them. */
  stop(): Promise<void>
}

/** All tools that the settings name. What cannot be used says so in the log and is left out. */
export async function openTools(settings: ToolsSettings, env: Environment, logger: Logger): Promise<OpenTools> {
  const builtIn = new BuiltInTools(settings)
  const servers = new McpServers(settings.mcpServers, env, logger)
  const [problems] = await Promise.all([builtIn.problems(), servers.start()])
  for (const problem of problems) logger.warn({ problem }, 'A tool cannot be used on this machine')
  const toolbox = new Toolbox([builtIn, new Webhooks(settings.webhooks, env, logger), servers])
  return { toolbox, stop: () => servers.stop() }
}
