import { isSpecType, type Tool } from '@modelcontextprotocol/client'
import { requireSchema } from '@spool/config'

/** What a server tells about a tool, if it can be offered; one that cannot does not take the others with it. */
export function readDefinition(told: unknown): Tool {
  if (!isSpecType.Tool(told)) throw new Error('It is not described as MCP wants it.')
  // The long-winded way of calling a tool that some want is not spoken here.
  if (told.execution?.taskSupport === 'required') throw new Error('It can only be called as a task.')
  requireSchema(told.inputSchema)
  return told
}
