import type { SpoolConfig } from '@spool/config'

/** Who answers, and with which tools that the file turns on; those of MCP servers are told one server at a time. */
export function agentsLine({ agents, tools }: SpoolConfig): string {
  const ids = agents.all.map(({ id }) => (id === agents.byDefault ? `${id} (default)` : id))
  const names = [
    ...(tools.httpGet ? ['http_get'] : []),
    ...(tools.workspace ? ['workspace_read', 'workspace_write'] : []),
    ...(tools.shell ? ['shell'] : []),
    ...tools.webhooks.map(({ name }) => name),
  ]
  return `Agents: ${ids.join(', ')}${names.length > 0 ? `; tools: ${names.join(', ')}` : ''}`
}
