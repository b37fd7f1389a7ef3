import { realpathSync } from 'node:fs'

/** Where programs of the system lie, which a command sees. */
const PROGRAMS = /^\/(usr\/(local\/)?)?(s?bin|lib\w*|share|include)\/[^/]/

/** Of folders of ours those that a command would see, because somebody has put them among the programs. */
export function hiddenFolders(folders: readonly string[]): string[] {
  return folders.map(realPath).filter((folder) => PROGRAMS.test(folder))
}

function realPath(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}
