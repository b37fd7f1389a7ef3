/** What holds for tools of which nothing else is said. */
export const toolDefaults = {
  shell: { timeoutMs: 30_000, maxProcesses: 64, maxMemoryMb: 512 },
  webhook: { timeoutMs: 30_000 },
  mcpServer: { timeoutMs: 60_000 },
  /** Below the data folder. */
  workspaces: 'workspaces',
} as const
