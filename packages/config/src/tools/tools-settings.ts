/** The tools of a deployment. What is null is off. */
export interface ToolsSettings {
  readonly httpGet: HttpGetSettings | null
  /** workspace_read and workspace_write. */
  readonly workspace: WorkspaceSettings | null
  readonly shell: ShellSettings | null
  readonly webhooks: readonly WebhookSettings[]
  readonly mcpServers: readonly McpServerSettings[]
}

export interface HttpGetSettings {
  /** Hosts: `api.example.com`, `*.example.com`; with a port where it is not the usual one. */
  readonly allow: readonly string[]
}

export interface WorkspaceSettings {
  /** Absolute; each session has a folder of its own below it. */
  readonly folder: string
}

export interface ShellSettings {
  readonly timeoutMs: number
  readonly maxProcesses: number
  readonly maxMemoryBytes: number
}

interface RemoteToolSettings {
  readonly timeoutMs: number
  readonly repeatable: boolean
}

export interface WebhookSettings extends RemoteToolSettings {
  readonly name: string
  readonly description: string
  readonly url: string
  /** JSON Schema. */
  readonly inputSchema: Readonly<Record<string, unknown>>
  /** Name of the environment variable that holds the secret of the signature. */
  readonly secretEnv: string
}

export interface McpServerSettings extends RemoteToolSettings {
  /** Its tools are called `<name>__<tool>`. */
  readonly name: string
  readonly transport:
    | {
        readonly kind: 'stdio'
        readonly command: string
        readonly args: readonly string[]
        /** Names of variables that it gets beside the harmless ones. */
        readonly env: readonly string[]
        readonly cwd: string | null
      }
    | {
        readonly kind: 'http'
        readonly url: string
        /** Name of a header to the name of the variable that holds its value. */
        readonly headerEnvs: Readonly<Record<string, string>>
      }
  /** Tools that are safe to repeat though the server does not say so. */
  readonly repeatableTools: readonly string[]
}

export const noTools: ToolsSettings = { httpGet: null, workspace: null, shell: null, webhooks: [], mcpServers: [] }

/** The environment variables that tools name; most hold secrets. */
export function toolVariables({ webhooks, mcpServers }: ToolsSettings): string[] {
  const ofServers = mcpServers.flatMap(({ transport }) =>
    transport.kind === 'stdio' ? transport.env : Object.values(transport.headerEnvs),
  )
  return [...new Set([...webhooks.map(({ secretEnv }) => secretEnv), ...ofServers])]
}
