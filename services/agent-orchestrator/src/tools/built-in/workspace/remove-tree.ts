import { randomUUID } from 'node:crypto'
import { closing, type Folder, type Name } from './folder.ts'

const limitMs = 60_000

/**
 * Removes a folder with all that is in it. What lies deeper is moved up before it is emptied: however deep a command has
 * gone, two folders are open at a time, each reached from the one before it, and no link is followed.
 */
export async function removeTree(parent: Folder, name: string): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await gone(parent, name))) {
    if (performance.now() > deadline) throw new Error('It is filled as fast as it is emptied.')
    await within(parent, name, async (top) => {
      for await (const entry of top.names()) await removeFrom(top, entry)
    })
  }
}

async function removeFrom(top: Folder, name: Name): Promise<void> {
  if (await gone(top, name)) return
  await within(top, name, async (folder) => {
    for await (const entry of folder.names()) {
      if (await gone(folder, entry)) continue
      await ignoring(changed, async () => {
        // Its place is written into a folder that is moved.
        await folder.unlock(entry)
        await folder.move(entry, top, `.${randomUUID()}`)
      })
    }
  })
  await gone(top, name)
}

const within = (at: Folder, name: Name, act: (folder: Folder) => Promise<void>) =>
  ignoring(changed, async () => {
    await at.unlock(name)
    await closing(await at.folder(name), act)
  })

/** What it is may change at any time, and others may be removing it as well. */
const changed = ['ENOENT', 'ENOTDIR', 'ELOOP']

/** Where it is anything but a folder in which there is something. */
const gone = async (at: Folder, name: Name) => (await unlinked(at, name)) || (await removed(at, name))

/** Linux says EISDIR of a folder, others EPERM. */
const unlinked = (at: Folder, name: Name) =>
  succeeded(at.remove(name), [process.platform === 'linux' ? 'EISDIR' : 'EPERM'])

const removed = (at: Folder, name: Name) => succeeded(at.removeFolder(name), ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'])

/** Gone is gone, whoever did it. */
async function succeeded(removing: Promise<void>, refusals: readonly string[]): Promise<boolean> {
  try {
    await removing
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (refusals.includes(code)) return false
    throw error
  }
}

async function ignoring(codes: readonly string[], act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
