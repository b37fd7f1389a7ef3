import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'

const largestBytes = 1024 * 1024

/** Why the file could not be read, and what to do. */
export class ConfigUnreadable extends Error {
  readonly code = 'config_unreadable'

  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ConfigUnreadable'
  }
}

/** What stands in the file. */
export function configText(file: string): string {
  const descriptor = open(file)
  try {
    const stats = fstatSync(descriptor)
    if (stats.isDirectory())
      throw new ConfigUnreadable('is a folder. (Docker makes one in place of a file that is mounted but not there.)')
    if (!stats.isFile()) throw new ConfigUnreadable('is not a file')
    if (stats.size > largestBytes)
      throw new ConfigUnreadable(`has ${stats.size} bytes; at most ${largestBytes} are read`)
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(descriptor))
  } catch (error) {
    if (error instanceof ConfigUnreadable) throw error
    throw new ConfigUnreadable(error instanceof TypeError ? 'is not text in UTF-8' : reasonOf(error), { cause: error })
  } finally {
    closeSync(descriptor)
  }
}

function open(file: string): number {
  try {
    return openSync(file, 'r')
  } catch (error) {
    throw new ConfigUnreadable(reasonOf(error), { cause: error })
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'is not there. Write it, or take SPOOL_CONFIG back'
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read by this user'
  return `cannot be read (${String(code)})`
}
