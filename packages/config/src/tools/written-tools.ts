import { isMap } from '../file/is-map.ts'
import { toolsAlwaysThere, toolsToTurnOn } from './built-in-tools.ts'

/** Which tools the file speaks of, whether or not all that it says of them is right. */
export interface WrittenTools {
  /** Without those of MCP servers, which nobody knows before they are asked. */
  readonly names: readonly string[]
  readonly servers: readonly string[]
}

export function writtenTools(file: unknown): WrittenTools {
  const tools = isMap(file) && isMap(file['tools']) ? file['tools'] : {}
  const servers = isMap(file) && isMap(file['mcp_servers']) ? file['mcp_servers'] : {}
  const isOn = ([, { section }]: [string, { section: string }]) =>
    tools[section] !== undefined && tools[section] !== false
  const turnedOn = Object.entries(toolsToTurnOn)
    .filter(isOn)
    .map(([name]) => name)
  const webhooks = isMap(tools['webhooks']) ? Object.keys(tools['webhooks']) : []
  return { names: [...toolsAlwaysThere, ...turnedOn, ...webhooks], servers: Object.keys(servers) }
}
