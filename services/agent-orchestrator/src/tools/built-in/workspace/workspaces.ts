import { mkdir } from 'node:fs/promises'
import { isId, type SessionRef } from '@spool/log'
import { Folder, type Owner } from './folder.ts'
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
}

export async function closing<T>(folder: Folder, act: (folder: Folder) => Promise<T>): Promise<T> {
  try {
    return await act(folder)
  } finally {
    await folder.close()
  }
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
