import { readFileSync, statfsSync } from 'node:fs'
import { asShipped } from './as-shipped.ts'

const place = '/dev/shm'

// JetStream wants room for all that its streams may ever hold, of which the log alone takes 4 GiB.
const enoughBytes = 8 * 1024 ** 3

/**
 * Where data lies in memory, if there is plenty: copying the files of a database took a disk's file system ten times as
 * much processor time. No test can cut the power, so none can tell.
 */
export function memoryFolder(): string | undefined {
  if (asShipped() || process.platform !== 'linux') return undefined
  try {
    const isMemory = readFileSync('/proc/mounts', 'utf8').includes(` ${place} tmpfs rw`)
    const { bavail, bsize } = statfsSync(place)
    const isEnough = Math.min(bavail * bsize, process.availableMemory()) > enoughBytes
    return isMemory && isEnough ? place : undefined
  } catch {
    return undefined
  }
}
