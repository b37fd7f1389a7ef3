import { accessSync, constants, mkdirSync, statfsSync } from 'node:fs'
import { hasCode } from '../has-code.ts'
import { LaunchProblem } from './launch-problem.ts'

/** An empty Postgres takes 40 MB, and JetStream wants room for what is to come. */
const neededMegabytes = 200

/** Makes the data folder where it is missing, and says what is wrong with it before anything is started. */
export function prepareDataFolder(folder: string, leastFreeMegabytes = neededMegabytes): void {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new LaunchProblem(
      `The data folder ${folder} cannot be used: ${reason(error)}. Set SPOOL_DATA to another one.`,
      {
        cause: error,
      },
    )
  }
  const freeMegabytes = freeSpaceMegabytes(folder)
  if (freeMegabytes >= leastFreeMegabytes) return
  throw new LaunchProblem(
    `The disk of ${folder} is full: ${freeMegabytes} MB are free, Spool needs ${leastFreeMegabytes} MB to start. ` +
      'Make room, or set SPOOL_DATA to a folder on another disk.',
  )
}

function freeSpaceMegabytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return Math.floor((bavail * bsize) / 2 ** 20)
}

function reason(error: unknown): string {
  if (hasCode(error, 'EACCES') || hasCode(error, 'EPERM')) return 'this user may not read or write it'
  if (hasCode(error, 'ENOTDIR') || hasCode(error, 'EEXIST')) return 'a file is in its place'
  if (hasCode(error, 'EROFS')) return 'the disk is read-only'
  if (hasCode(error, 'ENOSPC')) return 'the disk is full'
  return error instanceof Error ? error.message : String(error)
}

/** A disk that fills up while we write to it: say so, and not which system call found out. */
export function explainFullDisk(error: unknown, folder: string): unknown {
  const text = error instanceof Error ? error.message : String(error)
  if (!hasCode(error, 'ENOSPC') && !/no space left on device|insufficient storage/i.test(text)) return error
  return new LaunchProblem(`The disk of ${folder} is full. Make room, or set SPOOL_DATA to a folder on another disk.`, {
    cause: error,
  })
}
