import { readFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'

/** The folders of the workspace packages that a folder's package is made of, itself included. */
export function packageFolders(root: string, folder: string, found = new Set<string>()): Set<string> {
  const description = join(root, folder, 'package.json')
  if (found.has(folder) || !existsSync(description)) return found
  found.add(folder)
  const { dependencies = {} } = JSON.parse(readFileSync(description, 'utf8'))
  for (const name of Object.keys(dependencies)) {
    if (name.startsWith('@spool/')) packageFolders(root, join('packages', name.slice('@spool/'.length)), found)
  }
  return found
}
