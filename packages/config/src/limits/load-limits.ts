import { configFile } from '../file/config-file.ts'
import { readConfigFile } from '../file/read-config-file.ts'
import type { Environment } from '../load-config.ts'
import { fileSchema } from '../spool-file.ts'
import { LimitCatalogue } from './tenant-limits.ts'

/** The limits that the file sets, for who needs nothing else of it. Throws a `ConfigFileInvalid` as `loadSpoolConfig` does. */
export function loadLimits(env: Environment): LimitCatalogue {
  const file = configFile(env)
  if (file === undefined) return new LimitCatalogue()
  return new LimitCatalogue(readConfigFile(file, fileSchema, () => []).limits)
}
