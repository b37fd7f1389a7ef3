import { setTimeout as delay } from 'node:timers/promises'
import type { Tool as Definition } from '@modelcontextprotocol/client'
import type { Logger } from '@spool/telemetry'
import { reasonOf } from './failure.ts'
import { McpTool } from './mcp-tool.ts'
import type { McpServer } from './mcp-server.ts'
import { readDefinition } from './tool-definition.ts'
import { toolNames } from './tool-names.ts'

const maxTools = 1000
/** For what is new in one list, all together: a schema may be made to take a second, and there may be thousands. */
const mostCheckMs = 10_000
/** Lines of the log about one list. */
const maxTold = 20

/** The tools of one server, as it told them last. One that cannot be offered does not take the others with it. */
export class ToolOffer {
  #tools: readonly McpTool[] = []
  /** Those that cannot be offered, and why: the log says it once. */
  #leftOut: ReadonlyMap<string, string> = new Map()

  constructor(
    private readonly server: McpServer,
    private readonly logger: Logger,
    private readonly checkLimitMs = mostCheckMs,
  ) {}

  get tools(): readonly McpTool[] {
    return this.#tools
  }

  async update(told: readonly unknown[]): Promise<void> {
    const known = new Map(this.#tools.map(({ definition }) => [JSON.stringify(definition), definition]))
    const definitions = new Map<string, Definition>()
    const leftOut = new Map<string, string>()
    let checkedMs = 0
    for (const each of told) {
      const name = nameOf(each)
      const startedAt = performance.now()
      try {
        if (definitions.has(name)) throw new Error('There is one of this name before it.')
        if (definitions.size === maxTools) throw new Error(`There are more than ${maxTools}.`)
        // One that is as it was has been checked.
        const before = known.get(JSON.stringify(each))
        if (before === undefined && checkedMs > this.checkLimitMs)
          throw new Error('Checking those before took too long.')
        definitions.set(name, before ?? readDefinition(each))
      } catch (error) {
        leftOut.set(name, reasonOf(error))
      }
      // A new one takes milliseconds as a rule; others get as much time as it took, whatever became of it.
      const tookMs = performance.now() - startedAt
      checkedMs += tookMs
      if (tookMs > 1) await delay(tookMs)
    }
    const news = [...leftOut].filter(([tool, reason]) => this.#leftOut.get(tool) !== reason)
    for (const [tool, reason] of news.slice(0, maxTold)) {
      this.logger.warn({ tool, reason }, 'A tool of an MCP server is left out')
    }
    if (news.length > maxTold) {
      this.logger.warn({ more: news.length - maxTold }, 'More tools of an MCP server are left out than are named')
    }
    this.#leftOut = leftOut
    const names = toolNames(this.server.settings.name, [...definitions.keys()])
    this.#tools = [...definitions].map(([name, definition]) => new McpTool(names.get(name)!, definition, this.server))
  }
}

const nameOf = (told: unknown) => String((told as { name?: unknown } | null)?.name).slice(0, 200)
