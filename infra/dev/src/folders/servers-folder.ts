import { chownSync, existsSync, lstatSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { LaunchProblem } from '../launcher/launch-problem.ts'
import { canUse } from './can-use.ts'
import { type UnprivilegedUser, unprivilegedUser } from './unprivileged-user.ts'

export interface ServersFolder {
  /** Where the data really lies. */
  path: string
  user: UnprivilegedUser | undefined
}

/**
 * Where NATS and Postgres keep their data: `<data folder>/servers`. When we are root and the data folder lies where
 * nobody but root may go, it is a link to a folder of their own: opening `/root` to everybody is not ours to do.
 */
export function serversFolder(dataFolder: string): ServersFolder {
  const place = join(dataFolder, 'servers')
  const user = unprivilegedUser(existsSync(place) ? realpathSync(place) : undefined)
  if (existsSync(place)) {
    const path = realpathSync(place)
    if (canUse(user, path)) return { path, user }
    throw new LaunchProblem(
      `NATS and Postgres cannot use their data in ${path}: they run as user ${user?.uid}, who may not go there. ` +
        'Move the data folder, or set SPOOL_DATA to another one.',
    )
  }
  // A link whose target is gone: there is no data any more.
  if (lstatSync(place, { throwIfNoEntry: false })) rmSync(place)
  if (canUse(user, dataFolder)) mkdirSync(place, { mode: 0o700 })
  else symlinkSync(folderElsewhere(user!, basename(dirname(dataFolder))), place)
  const path = realpathSync(place)
  if (user) chownSync(path, user.uid, user.gid)
  return { path, user }
}

function folderElsewhere(user: UnprivilegedUser, name: string): string {
  for (const parent of ['/var/lib/spool', join(tmpdir(), 'spool-data'), '/tmp/spool-data']) {
    try {
      mkdirSync(parent, { recursive: true, mode: 0o755 })
      if (canUse(user, parent)) return mkdtempSync(join(parent, `${name}-`))
    } catch {
      // The next one, then.
    }
  }
  throw new LaunchProblem(
    'We are root, NATS and Postgres must not be, and no folder was found that they can enter. Set SPOOL_DATA to one.',
  )
}
