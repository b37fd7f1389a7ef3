import { watch } from 'node:fs'

/** Editors and compilers write many files for one change; what follows waits until it has been quiet for this long. */
const quietMs = 150

/**
 * Calls back with the folders in which such a file was written, once they have come to rest.
 * Gives back how to stop.
 */
export function watchFolders(
  folders: Iterable<string>,
  isMeant: (file: string) => boolean,
  changed: (folders: ReadonlySet<string>) => void,
  { recursive = true } = {},
): () => void {
  let restless = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  const report = () => {
    const rested = restless
    restless = new Set()
    changed(rested)
  }
  const watchers = [...folders].map((folder) =>
    watch(folder, { recursive }, (_, file) => {
      if (!file || !isMeant(file)) return
      restless.add(folder)
      clearTimeout(quiet)
      quiet = setTimeout(report, quietMs)
    }),
  )
  return () => {
    clearTimeout(quiet)
    for (const watcher of watchers) watcher.close()
  }
}
