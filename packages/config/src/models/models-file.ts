import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Environment } from '../load-config.ts'

const usualName = 'spool.config.yaml'

/** The file that says which models there are, as an absolute path; undefined where there is none. */
export function modelsFile(env: Environment, folder = process.cwd()): string | undefined {
  const named = env['SPOOL_CONFIG']
  if (named === 'none') return undefined
  if (named) return resolve(folder, named)
  const usual = join(resolve(folder), usualName)
  return existsSync(usual) ? usual : undefined
}
