// A server that speaks MCP only as it is since 2026-07-28; by itself it does so over stdio.
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'

export function modern(): McpServer {
  const server = new McpServer({ name: 'modern', version: '1' })
  server.registerTool('era', { description: 'Says when it is.' }, () => ({
    content: [{ type: 'text', text: 'modern' }],
  }))
  server.registerTool('grow', { description: 'Makes another.' }, () => {
    server.registerTool('grown', { description: 'New.' }, () => ({ content: [] }))
    return { content: [] }
  })
  return server
}

if (import.meta.main) serveStdio(modern, { legacy: 'reject' })
