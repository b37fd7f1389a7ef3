import { basename, dirname } from 'node:path'
import { type Environment, loadModels, modelsFile } from '@spool/config'
import type { RunningSpool } from '../launcher/launch.ts'
import { modelsLine } from '../launcher/models-line.ts'
import type { Output } from '../output/output.ts'
import { watchFolders } from './watch-folders.ts'

/**
 * Reads the file of models again when it is written, and restarts who reads it; a file that cannot be used is told, and
 * what runs goes on with what it has read. Gives back how to stop.
 */
export function restartWhenModelsChange(
  env: Environment,
  spool: Pick<RunningSpool, 'useModels'>,
  output: Output,
): () => void {
  const file = modelsFile(env, { evenIfMissing: true })
  if (file === undefined) return () => {}
  const changed = () => {
    try {
      const models = loadModels(env, { requireKeys: true })
      output.say(`models: ${modelsLine(models)}`)
      spool.useModels(models)
    } catch (error) {
      output.fail(error instanceof Error ? error.message : String(error))
    }
  }
  return watchFolders([dirname(file)], (name) => name === basename(file), changed, { recursive: false })
}
