import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The settings that `infra/postgres` has for every server of ours. */
export const sharedPostgresSettings = () =>
  parseSettings(readFileSync(join(import.meta.dirname, '../../../postgres/spool.conf'), 'utf8'))

/** Reads lines of `name = value`, the part of Postgres' format that we use. */
export function parseSettings(text: string): Record<string, string> {
  const settings = text.split('\n').flatMap((line) => {
    const setting = /^\s*(\w+)\s*=\s*(.+?)\s*$/.exec(line.replace(/#.*/, ''))
    return setting ? [[setting[1]!, setting[2]!.replaceAll("'", '')]] : []
  })
  return Object.fromEntries(settings)
}
