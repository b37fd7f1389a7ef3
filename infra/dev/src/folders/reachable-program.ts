import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, lstatSync, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { canUse } from './can-use.ts'
import { installOnce } from './install-once.ts'
import type { UnprivilegedUser } from './unprivileged-user.ts'

/**
 * A program's file or folder at a place where the user can run it: itself, or a copy when it lies below a folder that
 * only root may enter (`/root/…`, usual in containers).
 */
export async function reachableProgram(path: string, user: UnprivilegedUser | undefined): Promise<string> {
  if (user === undefined || canUse(user, path)) return path
  const name = basename(path)
  const key = createHash('sha256')
    .update(`${path} ${statSync(path).mtimeMs}`)
    .digest('hex')
    .slice(0, 12)
  const folder = await installOnce(join(sharedPrograms(user), `${name}-${key}`), (incoming) => {
    cpSync(path, join(incoming, name), { recursive: true, verbatimSymlinks: true })
    execFileSync('chmod', ['-R', 'a+rX', incoming])
  })
  return join(folder, name)
}

function sharedPrograms(user: UnprivilegedUser): string {
  for (const folder of ['/var/cache/spool', join(tmpdir(), 'spool-programs'), '/tmp/spool-programs']) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o755 })
    } catch {
      continue
    }
    // Anyone can take a name in /tmp beforehand: never run what somebody else could have put there.
    const stat = lstatSync(folder)
    const ours = stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o022) === 0
    if (ours && canUse(user, folder)) return folder
  }
  throw new Error(
    'There is no folder from which an unprivileged user could run the servers (tried /var/cache and the temporary folder).',
  )
}
