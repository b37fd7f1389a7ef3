import { statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { UnprivilegedUser } from './unprivileged-user.ts'

const enter = 0o1
const readAndEnter = 0o5

/** May this user pass through every folder above the path, and read and run what lies there, if anything does? */
export function canUse(user: UnprivilegedUser | undefined, path: string): boolean {
  if (user === undefined) return true
  const place = resolve(path)
  if (!allows(user, place, readAndEnter)) return false
  let folder = place
  while (dirname(folder) !== folder) {
    folder = dirname(folder)
    if (!allows(user, folder, enter)) return false
  }
  return true
}

function allows(user: UnprivilegedUser, path: string, rights: number): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) return true
  const shift = stat.uid === user.uid ? 6 : stat.gid === user.gid ? 3 : 0
  return ((stat.mode >> shift) & rights) === rights
}
