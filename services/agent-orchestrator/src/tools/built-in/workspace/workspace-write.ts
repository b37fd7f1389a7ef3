import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import * as z from 'zod'
import { ToolError } from '../../tool-error.ts'
import { zodTool } from '../zod-tool.ts'
import { explained } from './explain.ts'
import type { Folder, Owner } from './folder.ts'
import { namesOf } from './path-of.ts'
import { path } from './path-schema.ts'
import { usageOf } from './usage-of.ts'
import { workspaceLimits } from './workspace-limits.ts'
import { into, type Workspaces } from './workspaces.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants

/** Not repeatable: what was appended once would be there twice, and a tool is the one or the other as a whole. */
export const workspaceWrite = (workspaces: Workspaces, limits = workspaceLimits) =>
  zodTool({
    name: 'workspace_write',
    description: "Writes a text file in this conversation's folder; folders on the way are made.",
    input: z.strictObject({
      path: path.refine((text) => namesOf(text).length > 0, 'must name a file').describe('File, like notes/plan.md'),
      content: z.string().max(limits.maxFileBytes).describe('The text'),
      append: z.boolean().default(false).describe('true: added at the end; false: replaces what the file holds'),
    }),
    asksFirst: true,
    repeatable: false,
    timeoutMs: 30_000,
    run: ({ path: at, content, append }, { ref }) =>
      explained(
        workspaces.use(ref, async (session) => {
          const names = namesOf(at)
          const bytes = Buffer.from(content)
          if (bytes.length > limits.maxFileBytes) throw tooLarge(limits.maxFileBytes)
          if (names.length > limits.maxDepth) throw new ToolError('path_invalid', 'There are too many folders in it.')
          const usage = await usageOf(session, limits)
          const isFull =
            usage.entries + names.length > limits.maxEntries || usage.bytes + bytes.length > limits.maxBytes
          if (usage.over || isFull) throw full(limits)
          const name = names.pop() as string
          return into(session, names, workspaces, async (folder) => {
            const size = append
              ? await appendTo(folder, name, bytes, limits.maxFileBytes, workspaces.owner)
              : await replace(folder, name, bytes, workspaces.owner)
            return { path: at, bytes: size }
          })
        }),
      ),
  })

/** Readers see the old file or the new one; a link of that name is replaced, not followed. */
async function replace(folder: Folder, name: string, bytes: Buffer, owner: Owner | undefined): Promise<number> {
  const draft = `.${randomUUID()}.tmp`
  const file = await folder.openFile(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
  try {
    try {
      await file.writeFile(bytes)
      await giveTo(file, owner)
    } finally {
      await file.close()
    }
    await folder.rename(draft, name)
  } catch (error) {
    await folder.remove(draft).catch(() => undefined)
    throw error
  }
  return bytes.length
}

async function appendTo(folder: Folder, name: string, bytes: Buffer, maxBytes: number, owner: Owner | undefined) {
  const file = await folder.openFile(name, O_WRONLY | O_CREAT | O_APPEND, 0o600)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new ToolError('not_a_file', 'There is something of this name which is not a file.')
    if (stats.size + bytes.length > maxBytes) throw tooLarge(maxBytes)
    await giveTo(file, owner)
    await file.writeFile(bytes)
    return stats.size + bytes.length
  } finally {
    await file.close()
  }
}

async function giveTo(file: FileHandle, owner: Owner | undefined): Promise<void> {
  if (owner !== undefined) await file.chown(owner.uid, owner.gid)
}

const tooLarge = (maxBytes: number) =>
  new ToolError('too_large', `A file may have ${maxBytes} bytes at most. Nothing was written.`)

const full = ({ maxEntries, maxBytes }: typeof workspaceLimits) =>
  new ToolError(
    'folder_full',
    `The folder may hold ${maxEntries} files and ${maxBytes} bytes at most. Nothing was written; replace or shorten others.`,
  )
