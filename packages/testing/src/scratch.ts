import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Reaper, scratchFolder, unprivilegedUser } from '@spool/dev'
import { memoryFolder } from './memory-folder.ts'

interface Scratch {
  folder: string
  reaper: Reaper
}

let scratch: Scratch | undefined
let folders = 0

/** The one temporary folder of this process, and who cleans up behind it, also when it is killed. */
export function scratchOfThisProcess(): Scratch {
  if (scratch === undefined) {
    const folder = scratchFolder('spool-test-', memoryFolder())
    scratch = { folder, reaper: new Reaper(folder) }
  }
  return scratch
}

/** A new folder in there that belongs to the servers' user. */
export function serverFolder(name: string): string {
  const folder = join(scratchOfThisProcess().folder, `${name}-${++folders}`)
  ownedByServers(folder)
  return folder
}

/** Makes the folder where it is missing. */
export function ownedByServers(folder: string): void {
  mkdirSync(folder, { recursive: true })
  const user = unprivilegedUser()
  if (user) chownSync(folder, user.uid, user.gid)
}
