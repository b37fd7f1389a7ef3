import type { Folder } from './folder.ts'
import type { WorkspaceLimits } from './workspace-limits.ts'

export interface Usage {
  readonly entries: number
  readonly bytes: number
  readonly depth: number
  /** More than the limits allow, or something that cannot be looked into; counting ended there. */
  readonly over: boolean
}

/** What lies in a session's folder. Never looks further than the limits, however much a command has put there. */
export async function usageOf(folder: Folder, limits: WorkspaceLimits): Promise<Usage> {
  let entries = 0
  let bytes = 0
  let deepest = 0
  let over = false

  async function count(at: Folder, depth: number): Promise<void> {
    for await (const { name } of at.entries()) {
      // Gone again, or changed into something else, while we count: that is no concern of the counting.
      const stats = await at.stat(name).catch(ignoreVanished)
      if (stats === 'closed') over = true
      if (stats === undefined || stats === 'closed') continue
      entries += 1
      deepest = Math.max(deepest, depth)
      bytes += stats.isFile() ? stats.size : 0
      over ||= entries > limits.maxEntries || bytes > limits.maxBytes || depth > limits.maxDepth
      if (over) return
      if (stats.isDirectory()) await within(at, name, depth)
      if (over) return
    }
  }

  async function within(at: Folder, name: string, depth: number): Promise<void> {
    const below = await at.folder(name).catch(ignoreVanished)
    if (below === 'closed') over = true
    if (below === undefined || below === 'closed') return
    try {
      await count(below, depth + 1)
    } finally {
      await below.close()
    }
  }

  await count(folder, 1)
  return { entries, bytes, depth: deepest, over }
}

function ignoreVanished(error: NodeJS.ErrnoException): undefined | 'closed' {
  if (error.code === 'EACCES') return 'closed'
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) throw error
}
