import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** How to reach what `npm start` runs, as it says in `<SPOOL_DATA>/run/connections.json`. */
export interface RunningSpool {
  readonly url: string
  readonly key: string
  readonly natsUrl: string
  readonly databaseUrl: string
  readonly shards: number
}

/** `null`: nothing runs. The launcher takes the file away when it ends. */
export function readRunning(dataFolder: string): RunningSpool | null {
  try {
    return JSON.parse(readFileSync(join(dataFolder, 'run', 'connections.json'), 'utf8')) as RunningSpool
  } catch {
    return null
  }
}
