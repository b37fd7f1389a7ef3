import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, isAbsolute, resolve } from 'node:path'

/** Where a command is found, as the system looks for it; undefined: nowhere. */
export function programOnPath(command: string, path: string, workingFolder: string): string | undefined {
  if (isAbsolute(command) || command.includes('/')) return executable(resolve(workingFolder, command))
  return path
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => executable(resolve(workingFolder, folder, command)))
    .find((found) => found !== undefined)
}

function executable(path: string): string | undefined {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile() ? path : undefined
  } catch {
    return undefined
  }
}
