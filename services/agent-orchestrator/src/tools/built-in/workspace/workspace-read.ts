import { constants } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import * as z from 'zod'
import { ToolError } from '../../tool-error.ts'
import { zodTool } from '../zod-tool.ts'
import { explained } from './explain.ts'
import { closing, type Folder } from './folder.ts'
import { namesOf } from './path-of.ts'
import { path } from './path-schema.ts'
import { workspaceLimits } from './workspace-limits.ts'
import { into, type Workspaces } from './workspaces.ts'

export const workspaceRead = (workspaces: Workspaces, limits = workspaceLimits) =>
  zodTool({
    name: 'workspace_read',
    description: "Reads a text file of this conversation's folder, or lists a folder in it.",
    input: z.strictObject({ path: path.describe('File or folder, like notes/plan.md; "." is the whole folder') }),
    asksFirst: true,
    repeatable: true,
    timeoutMs: 30_000,
    run: (input, { ref }) =>
      explained(
        workspaces.use(ref, async (session) => {
          const names = namesOf(input.path)
          const name = names.pop()
          if (name === undefined) return { path: '.', entries: await listed(session, limits.maxEntries) }
          return into(session, names, null, (folder) => readEntry(folder, name, input.path, limits))
        }),
      ),
  })

async function readEntry(folder: Folder, name: string, at: string, limits: typeof workspaceLimits) {
  const file = await folder.openFile(name, constants.O_RDONLY)
  try {
    const stats = await file.stat()
    if (stats.isDirectory()) {
      return { path: at, entries: await closing(await folder.folder(name), (it) => listed(it, limits.maxEntries)) }
    }
    if (!stats.isFile()) throw new ToolError('not_a_file', 'This is neither a file nor a folder.')
    return { path: at, content: decode(await readUpTo(file, limits.maxFileBytes)) }
  } finally {
    await file.close()
  }
}

async function listed(folder: Folder, most: number) {
  const entries = []
  for await (const bytes of folder.names()) {
    if (entries.length === most) throw new ToolError('too_many_files', `There are more than ${most} entries in it.`)
    const stats = await folder.stat(bytes).catch(() => undefined)
    const name = bytes.toString()
    if (stats?.isDirectory()) entries.push({ name, kind: 'folder' })
    else if (stats?.isFile()) entries.push({ name, kind: 'file', bytes: stats.size })
    else if (stats !== undefined) entries.push({ name, kind: stats.isSymbolicLink() ? 'link' : 'other' })
  }
  return entries.toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** Its size may be anything by the time it is read. */
async function readUpTo(file: FileHandle, maxBytes: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(maxBytes + 1)
  let size = 0
  while (size <= maxBytes) {
    const { bytesRead } = await file.read(buffer, size, buffer.length - size)
    if (bytesRead === 0) return buffer.subarray(0, size)
    size += bytesRead
  }
  throw new ToolError('too_large', `The file is larger than ${maxBytes} bytes, the most that is read.`)
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new ToolError('not_text', 'The file is not UTF-8 text.', { cause: error })
  }
}
