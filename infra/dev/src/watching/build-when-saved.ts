import { join } from 'node:path'
import type { Output } from '../output/output.ts'
import { Child } from '../processes/child.ts'
import type { Reaper } from '../processes/reaper.ts'
import { watchFolders } from './watch-folders.ts'

// Not `tsc -b --watch`: TypeScript 7.0 does not notice a change in a project that was up to date when it was started.

/** Builds after every save, one build at a time. Gives back how to stop. */
export function buildWhenSaved(root: string, packages: Iterable<string>, output: Output, reaper: Reaper): () => void {
  let building: Promise<void> | undefined
  let savedMeanwhile = false
  const build = async () => {
    do {
      savedMeanwhile = false
      await buildOnce(root, output, reaper)
    } while (savedMeanwhile)
    building = undefined
  }
  const saved = () => {
    if (building) savedMeanwhile = true
    else building = build()
  }
  const sources = [...packages].map((folder) => join(root, folder, 'src'))
  return watchFolders(sources, (file) => /\.[cm]?ts$/.test(file), saved)
}

async function buildOnce(root: string, output: Output, reaper: Reaper): Promise<void> {
  const since = performance.now()
  const compiler = join(root, 'node_modules/typescript/bin/tsc')
  const child = await Child.start({ command: process.execPath, args: [compiler, '-b'], cwd: root, reaper })
  const { code } = await child.exited
  if (code === 0) output.done('built', performance.now() - since)
  else output.fail(child.lastLines)
}
