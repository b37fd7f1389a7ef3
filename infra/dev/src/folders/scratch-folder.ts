import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canUse } from './can-use.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

/** A new temporary folder that the servers' user can enter too; TMPDIR itself may be a private one. */
export function scratchFolder(prefix = 'spool-', place = tmpdir()): string {
  const user = unprivilegedUser()
  const parent = [place, tmpdir(), '/tmp', '/var/tmp'].find((folder) => canUse(user, folder)) ?? tmpdir()
  const folder = mkdtempSync(join(parent, prefix))
  if (user) chmodSync(folder, 0o755)
  return folder
}
