import { watch } from 'node:fs'

/** Editors and compilers write many files for one change; what follows waits until it has been quiet for this long. */
const quietMs = 150

/**
 * Calls back with the folders in which a file with one of these endings was written, once they have come to rest.
 * Gives back how to stop.
 */
export function watchFolders(
  folders: Iterable<string>,
  ending: RegExp,
  changed: (folders: ReadonlySet<string>) => void,
): () => void {
  let restless = new Set<string>()
  let quiet: NodeJS.Timeout | undefined
  const report = () => {
    const rested = restless
    restless = new Set()
    changed(rested)
  }
  const watchers = [...folders].map((folder) =>
    watch(folder, { recursive: true }, (_, file) => {
      if (!file || !ending.test(file)) return
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
