import { join } from 'node:path'
import type { RunningSpool } from '../launcher/launch.ts'
import type { Output } from '../output/output.ts'
import { watchFolders } from './watch-folders.ts'

/** Restarts a service when anything was written that it is made of. Gives back how to stop. */
export function restartWhenBuilt(
  root: string,
  madeOf: ReadonlyMap<string, ReadonlySet<string>>,
  spool: Pick<RunningSpool, 'restart'>,
  output: Output,
): () => void {
  const distOf = (folder: string) => join(root, folder, 'dist')
  const everyFolder = new Set([...madeOf.values()].flatMap((folders) => [...folders].map(distOf)))
  return watchFolders(everyFolder, isBuilt, (built) => {
    for (const [service, folders] of madeOf) {
      if (![...folders].some((folder) => built.has(distOf(folder)))) continue
      output.say(`restarting ${service}`)
      spool.restart(service)
    }
  })
}

const isBuilt = (file: string) => /\.[cm]?js$/.test(file)
