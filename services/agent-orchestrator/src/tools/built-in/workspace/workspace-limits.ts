export interface WorkspaceLimits {
  readonly maxFileBytes: number
  /** Files, folders and links together, of one session. */
  readonly maxEntries: number
  readonly maxBytes: number
  readonly maxDepth: number
}

export const workspaceLimits: WorkspaceLimits = {
  maxFileBytes: 1024 * 1024,
  maxEntries: 1000,
  maxBytes: 50 * 1024 * 1024,
  maxDepth: 32,
}
