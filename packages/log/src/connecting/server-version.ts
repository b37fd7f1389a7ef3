import { ServerTooOld, ServerTooOldForClusters } from '../errors.ts'

/** Older servers accept settings that they do not know and drop them in silence. */
export const SERVER_FLOOR = '2.10.0'

/**
 * Before it each replica decided for itself whether a queue takes a job that may be there already. One that was away while
 * jobs were done decides otherwise than its leader, and from then on has other jobs at the same places.
 */
export const CLUSTER_FLOOR = '2.12.3'

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

/** Of each stream so many copies are asked for. */
export function assertReplicates(found: string, replicas: number): void {
  if (replicas > 1 && compareVersions(found, CLUSTER_FLOOR) < 0) throw new ServerTooOldForClusters(found, CLUSTER_FLOOR)
}

/** Newer features, each only ever an optimisation. */
export function serverFeatures(version: string) {
  return { batchDirectGet: compareVersions(version, '2.11.0') >= 0 }
}

function numbers(version: string): number[] {
  return (/^v?(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1) ?? []).map(Number)
}
