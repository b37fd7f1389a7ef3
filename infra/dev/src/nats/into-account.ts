import { existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'

/** Streams that were made before Spool had an account of its own lie in that of the server; they are the same streams. */
export function moveIntoAccount(dataFolder: string): void {
  const accounts = join(dataFolder, 'jetstream')
  const [from, to] = [join(accounts, '$G'), join(accounts, 'SPOOL')]
  if (existsSync(from) && !existsSync(to)) renameSync(from, to)
}
