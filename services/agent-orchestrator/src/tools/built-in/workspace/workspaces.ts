import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isId, type SessionRef } from '@spool/log'
import { closing, Folder, type Owner } from './folder.ts'
import { removeTree } from './remove-tree.ts'
import { sandboxOwner } from './sandbox-owner.ts'

/** The folder of each session: `<folder>/<tenant>/<session>`. */
export class Workspaces {
  readonly owner: Owner | undefined

  constructor(
    readonly folder: string,
    owner: Owner | undefined = sandboxOwner(),
  ) {
    this.owner = owner
  }

  /** Made where it is not there yet. */
  async use<T>({ tenant, session }: SessionRef, act: (folder: Folder) => Promise<T>): Promise<T> {
    // They are tokens of a subject, so they cannot be `..`; here that is what everything rests on.
    if (!isId(tenant) || !isId(session)) throw new Error('a tenant or a session has no valid id')
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    return closing(await Folder.at(this.folder), async (all) =>
      closing(await all.madeFolder(tenant), async (ofTenant) =>
        closing(await ofTenant.madeFolder(session, this.owner), act),
      ),
    )
  }

  /** Those that have a folder. */
  async *sessions(): AsyncGenerator<SessionRef> {
    for (const tenant of await foldersIn(this.folder)) {
      for (const session of await foldersIn(join(this.folder, tenant))) yield { tenant, session }
    }
  }

  /** With all that is in it, whether or not there is anything. */
  async remove({ tenant, session }: SessionRef): Promise<void> {
    if (!isId(tenant) || !isId(session)) throw new Error('a tenant or a session has no valid id')
    const all = await Folder.at(this.folder).catch(ignoreMissing)
    if (all === undefined) return
    await closing(all, async () => {
      const ofTenant = await all.folder(tenant).catch(ignoreMissing)
      if (ofTenant !== undefined) await closing(ofTenant, () => removeTree(ofTenant, session))
    })
  }
}

/** Nothing else that lies there is ours. */
async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(ignoreMissing)
  return (entries ?? []).filter((entry) => entry.isDirectory() && isId(entry.name)).map(({ name }) => name)
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** The folder that `names` lead to. With an owner, those that are not there are made, and belong to them. */
export async function into<T>(
  from: Folder,
  names: readonly string[],
  made: { owner: Owner | undefined } | null,
  act: (folder: Folder) => Promise<T>,
): Promise<T> {
  const [name, ...rest] = names
  if (name === undefined) return act(from)
  const next = made === null ? await from.folder(name) : await from.madeFolder(name, made.owner)
  return closing(next, (folder) => into(folder, rest, made, act))
}
