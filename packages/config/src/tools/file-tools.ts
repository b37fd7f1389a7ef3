import { dirname, join, resolve } from 'node:path'
import type { WrittenFile } from '../spool-file.ts'
import type { Environment } from '../load-config.ts'
import type { WrittenMcpServer } from './mcp-server-schema.ts'
import { toolDefaults } from './tool-defaults.ts'
import type {
  McpServerSettings,
  ShellSettings,
  ToolsSettings,
  WebhookSettings,
  WorkspaceSettings,
} from './tools-settings.ts'
import { shellSchema, type WrittenTools } from './tools-schema.ts'

/** The tools that a file turns on. Its paths are taken from where it lies. */
export function fileTools(
  file: string,
  { tools = {}, mcp_servers: servers = {} }: WrittenFile,
  env: Environment,
): ToolsSettings {
  return {
    httpGet: tools.http_get ?? null,
    workspace: workspaceOf(tools.workspace, file, env),
    shell: shellOf(tools.shell),
    webhooks: Object.entries(tools.webhooks ?? {}).map(webhookOf),
    mcpServers: Object.entries(servers).map(([name, server]) => mcpServerOf(name, server, dirname(file))),
  }
}

function workspaceOf(written: WrittenTools['workspace'], file: string, env: Environment): WorkspaceSettings | null {
  if (written === undefined || written === false) return null
  if (written !== true && written.folder !== undefined) return { folder: resolve(dirname(file), written.folder) }
  return { folder: join(resolve(env['SPOOL_DATA']?.trim() || '.spool'), toolDefaults.workspaces) }
}

function shellOf(written: WrittenTools['shell']): ShellSettings | null {
  if (written === undefined || written === false) return null
  const { timeout_ms, max_processes, max_memory_mb } = written === true ? shellSchema.parse({}) : written
  return { timeoutMs: timeout_ms, maxProcesses: max_processes, maxMemoryBytes: max_memory_mb * 1024 ** 2 }
}

function webhookOf([name, written]: [string, NonNullable<WrittenTools['webhooks']>[string]]): WebhookSettings {
  const {
    description,
    url,
    input_schema: inputSchema,
    secret_env: secretEnv,
    repeatable,
    timeout_ms: timeoutMs,
  } = written
  return { name, description, url, inputSchema, secretEnv, repeatable, timeoutMs }
}

function mcpServerOf(name: string, written: WrittenMcpServer, folder: string): McpServerSettings {
  const { command, args = [], env = [], cwd, url = '', headers = {} } = written
  return {
    name,
    transport:
      command === undefined
        ? { kind: 'http', url, headerEnvs: headers }
        : { kind: 'stdio', command, args, env, cwd: cwd === undefined ? null : resolve(folder, cwd) },
    timeoutMs: written.timeout_ms,
    repeatable: written.repeatable,
    repeatableTools: written.repeatable_tools,
  }
}
