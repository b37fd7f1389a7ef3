import type { Stats } from 'node:fs'
import type { Folder, Name } from './folder.ts'
import type { WorkspaceLimits } from './workspace-limits.ts'

/** What `blocks` counts, whatever the blocks of the disk are. */
const BLOCK_BYTES = 512
const SLACK_BYTES = 64 * 1024

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
    for await (const name of at.names()) {
      // Gone again, or changed into something else, while we count: that is no concern of the counting.
      const stats = await at.stat(name).catch(ignoreVanished)
      if (stats === 'closed') over = true
      if (stats === undefined || stats === 'closed') continue
      entries += 1
      deepest = Math.max(deepest, depth)
      bytes += stats.isFile() ? Math.max(stats.size, takenBytes(stats)) : 0
      over ||= entries > limits.maxEntries || bytes > limits.maxBytes || depth > limits.maxDepth
      if (over) return
      if (stats.isDirectory()) await within(at, name, depth)
      if (over) return
    }
  }

  async function within(at: Folder, name: Name, depth: number): Promise<void> {
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

/** More than its size where room was set aside behind its end, which no limit on the size of a file prevents. */
const takenBytes = ({ blocks }: Stats) => Math.max(0, blocks * BLOCK_BYTES - SLACK_BYTES)

function ignoreVanished(error: NodeJS.ErrnoException): undefined | 'closed' {
  if (error.code === 'EACCES') return 'closed'
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(error.code ?? '')) throw error
}
