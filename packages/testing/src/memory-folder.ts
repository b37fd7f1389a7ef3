import { readFileSync, statfsSync } from 'node:fs'
import { asShipped } from './as-shipped.ts'

const place = '/dev/shm'

// Three test files at a time hold about a gigabyte; JetStream wants room for all that its streams may ever hold.
const enoughBytes = 8 * 1024 ** 3

/**
 * Where data lies in memory, if there is plenty: creating the thousand files of a database costs a disk's file system ten
 * times as much. No test can cut the power, so none can tell.
 */
export function memoryFolder(): string | undefined {
  if (asShipped() || process.platform !== 'linux') return undefined
  try {
    const isMemory = readFileSync('/proc/mounts', 'utf8').includes(`tmpfs ${place} tmpfs rw`)
    const { bavail, bsize } = statfsSync(place)
    const isEnough = Math.min(bavail * bsize, process.availableMemory()) > enoughBytes
    return isMemory && isEnough ? place : undefined
  } catch {
    return undefined
  }
}
