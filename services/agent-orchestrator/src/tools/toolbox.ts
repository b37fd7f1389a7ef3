import type { Tool } from './tool.ts'

/** Where tools come from: built in, webhooks, MCP servers. What it offers may change while it runs. */
export interface ToolSource {
  tools(): readonly Tool[]
}

/** All tools of the deployment, by name. The first source that has a name wins. */
export class Toolbox {
  constructor(private readonly sources: readonly ToolSource[]) {}

  find(name: string): Tool | undefined {
    for (const source of this.sources) {
      const tool = source.tools().find((candidate) => candidate.name === name)
      if (tool !== undefined) return tool
    }
    return undefined
  }

  /** Those an agent may use: by their names, or with `<server>__*` all of an MCP server. */
  named(patterns: readonly string[]): readonly Tool[] {
    const tools = new Map<string, Tool>()
    for (const source of this.sources) {
      for (const tool of source.tools()) {
        if (!tools.has(tool.name) && patterns.some((pattern) => isMeant(pattern, tool.name))) tools.set(tool.name, tool)
      }
    }
    return [...tools.values()]
  }
}

/** Whether a pattern that an agent names stands for a tool. */
export function isMeant(pattern: string, name: string): boolean {
  return pattern.endsWith('__*') ? name.startsWith(pattern.slice(0, -1)) : pattern === name
}
