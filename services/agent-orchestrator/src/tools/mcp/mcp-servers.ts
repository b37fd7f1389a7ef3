import { setTimeout as delay } from 'node:timers/promises'
import type { Environment, McpServerSettings } from '@spool/config'
import type { Logger } from '@spool/telemetry'
import type { Tool } from '../tool.ts'
import type { ToolSource } from '../toolbox.ts'
import { McpServer } from './mcp-server.ts'

/** Whoever is not there by then comes later. */
const startLimitMs = 10_000

/** The tools of all MCP servers of the deployment. */
export class McpServers implements ToolSource {
  readonly #servers: readonly McpServer[]

  constructor(settings: readonly McpServerSettings[], env: Environment, logger: Logger) {
    this.#servers = settings.flatMap((server) => {
      const log = logger.child({ mcp_server: server.name })
      const missing = variablesOf(server).filter((name) => !env[name])
      if (missing.length === 0) return [new McpServer(server, env, log)]
      log.warn({ missing }, 'An MCP server is left out: variables that it needs are not set')
      return []
    })
  }

  /** Resolves when all were reached or have failed, and after that long in any case. */
  async start(limitMs = startLimitMs): Promise<void> {
    const waitedFor = new Set(this.#servers)
    const started = this.#servers.map((server) => server.start().then(() => waitedFor.delete(server)))
    await Promise.race([Promise.all(started), delay(limitMs, undefined, { ref: false })])
    for (const server of waitedFor) server.tellSilent(limitMs)
  }

  /** Ends the programs that were started for it. */
  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()))
  }

  tools(): readonly Tool[] {
    return this.#servers.flatMap(({ tools }) => tools)
  }
}

function variablesOf({ transport }: McpServerSettings): readonly string[] {
  return transport.kind === 'stdio' ? transport.env : Object.values(transport.headerEnvs)
}
