import type { ScannedSession } from './scan-export.ts'

/** Each session behind the one it is a fork of. */
export function originsFirst(
  sessions: readonly ScannedSession[],
  byName: ReadonlyMap<string, ScannedSession>,
): ScannedSession[] {
  const ordered = new Set<ScannedSession>()
  for (const one of sessions) {
    const path = new Set<ScannedSession>()
    let at: ScannedSession | undefined = one
    while (at !== undefined && !ordered.has(at) && !path.has(at)) {
      path.add(at)
      at = at.forkedFrom === null ? undefined : byName.get(at.forkedFrom.session)
    }
    for (const next of [...path].toReversed()) ordered.add(next)
  }
  return [...ordered]
}
