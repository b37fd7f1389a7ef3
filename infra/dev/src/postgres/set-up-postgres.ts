import { existsSync, renameSync, rmSync } from 'node:fs'
import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'
import { initPostgres } from './init-postgres.ts'
import type { PostgresPrograms } from './postgres-programs.ts'

/** Makes the data folder at the first start. One that was left half made is made again. */
export async function setUpPostgres(
  programs: PostgresPrograms,
  dataFolder: string,
  user: UnprivilegedUser | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (existsSync(dataFolder)) return
  const unfinished = `${dataFolder}.new`
  rmSync(unfinished, { recursive: true, force: true })
  await initPostgres(programs, unfinished, user, { signal })
  renameSync(unfinished, dataFolder)
}
