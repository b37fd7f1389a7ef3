import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Environment } from '../load-config.ts'

const usualName = 'spool.config.yaml'

export interface ConfigFileOptions {
  /** Where the file is looked for; by default the working folder. */
  folder?: string | undefined
  /** Also where the usual one is not there yet. */
  evenIfMissing?: boolean
}

/** The file of models, agents and tools, as an absolute path; undefined where there is to be none. */
export function configFile(
  env: Environment,
  { folder = process.cwd(), evenIfMissing = false }: ConfigFileOptions = {},
): string | undefined {
  const named = env['SPOOL_CONFIG']
  if (named === 'none') return undefined
  if (named?.trim()) return resolve(folder, named)
  const usual = join(resolve(folder), usualName)
  return evenIfMissing || existsSync(usual) ? usual : undefined
}
