import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where programs that were fetched once are kept for every copy of Spool on this machine. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  return env['SPOOL_CACHE'] ?? join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'spool')
}
