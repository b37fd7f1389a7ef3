import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../has-code.ts'

/** The API key of the tenant `default`: the one that is set, else the one that was made at the first start. */
export function devKey(dataFolder: string, given: string | undefined): string {
  if (given !== undefined) return given
  const file = join(dataFolder, 'api-key')
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
  const key = `spool_${randomBytes(24).toString('base64url')}`
  writeFileSync(file, `${key}\n`, { mode: 0o600 })
  return key
}
