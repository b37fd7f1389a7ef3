import { ServerTooOld } from '../errors.ts'

/** Older servers accept settings that they do not know and drop them in silence. */
export const SERVER_FLOOR = '2.10.0'

export function compareVersions(a: string, b: string): number {
  const left = numbers(a)
  const right = numbers(b)
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function assertServerVersion(found: string): void {
  if (compareVersions(found, SERVER_FLOOR) < 0) throw new ServerTooOld(found, SERVER_FLOOR)
}

/** Newer features, each only ever an optimisation. */
export function serverFeatures(version: string) {
  return { batchDirectGet: compareVersions(version, '2.11.0') >= 0 }
}

function numbers(version: string): number[] {
  return (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number)
}
