import { once } from 'node:events'
import { statSync } from 'node:fs'
import { connect } from 'node:net'
import type { Environment, McpServerSettings, ToolsSettings, WebhookSettings } from '@spool/config'
import { programOnPath } from '../folders/program-on-path.ts'

const answerWithinMs = 2_000

/** `warn`: Spool starts without it, and it may be there by the time it is needed. */
export interface Finding {
  kind: 'done' | 'warn' | 'fail'
  text: string
}

/** What others bring along, in the order of the file. Nothing is called and nothing is started. */
export function checkTools(tools: ToolsSettings, env: Environment, servicesFolder: string): Promise<Finding[]> {
  return Promise.all([
    ...tools.webhooks.map(checkWebhook),
    ...tools.mcpServers.map((server) => checkMcpServer(server, env, servicesFolder)),
  ])
}

const checkWebhook = ({ name, url }: WebhookSettings) => checkAddress(`Webhook ${name}`, url)

async function checkMcpServer(
  { name, transport }: McpServerSettings,
  env: Environment,
  servicesFolder: string,
): Promise<Finding> {
  const who = `MCP server ${name}`
  if (transport.kind === 'http') return checkAddress(who, transport.url)
  const { command, cwd } = transport
  if (cwd !== null && !isFolder(cwd)) return { kind: 'fail', text: `${who}: there is no folder ${cwd} (cwd).` }
  const program = programOnPath(command, env['PATH'] ?? '', cwd ?? servicesFolder)
  if (program !== undefined) return { kind: 'done', text: `${who}: ${program}` }
  const where = command.includes('/') ? `there is no program ${command}` : `no program ${command} is on PATH`
  return { kind: 'fail', text: `${who}: ${where} (command).` }
}

/** Only connects: nobody knows what a request would do. Of the address only the host is shown, as the rest may be secret. */
async function checkAddress(who: string, url: string): Promise<Finding> {
  const { hostname, port, host, protocol } = new URL(url)
  const defaultPort = protocol === 'https:' ? 443 : 80
  const socket = connect({ host: hostname.replaceAll(/^\[|\]$/g, ''), port: Number(port || defaultPort) })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerWithinMs) })
    return { kind: 'done', text: `${who}: ${host} accepts connections` }
  } catch {
    return {
      kind: 'warn',
      text: `${who}: nothing accepts connections at ${host} now; calls fail until something does.`,
    }
  } finally {
    socket.destroy()
  }
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
