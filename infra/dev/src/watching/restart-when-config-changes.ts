import { basename, dirname } from 'node:path'
import { configFile, type Environment, loadSpoolConfig } from '@spool/config'
import type { RunningSpool } from '../launcher/launch.ts'
import { modelsLine } from '../launcher/models-line.ts'
import type { Output } from '../output/output.ts'
import { watchFolders } from './watch-folders.ts'

/**
 * Reads the file of models and agents again when it is written, and restarts who reads it; a file that cannot be used is told, and
 * what runs goes on with what it has read. Gives back how to stop.
 */
export function restartWhenConfigChanges(
  env: Environment,
  spool: Pick<RunningSpool, 'useConfig'>,
  output: Output,
): () => void {
  const file = configFile(env, { evenIfMissing: true })
  if (file === undefined) return () => {}
  const changed = () => {
    try {
      const config = loadSpoolConfig(env, { requireKeys: true, requireToolVariables: true })
      output.say(`models: ${modelsLine(config.models)}; agents: ${config.agents.all.map(({ id }) => id).join(', ')}`)
      spool.useConfig(config)
    } catch (error) {
      output.fail(error instanceof Error ? error.message : String(error))
    }
  }
  return watchFolders([dirname(file)], (name) => name === basename(file), changed, { recursive: false })
}
