import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Fill a folder exactly once, however many processes try at the same time: each fills a folder of its own beside it,
 * and a rename decides who was first. Nobody ever sees a half-filled folder.
 */
export async function installOnce(folder: string, fill: (incoming: string) => void | Promise<void>): Promise<string> {
  if (existsSync(folder)) return folder
  const incoming = `${folder}.incoming-${process.pid}-${randomBytes(4).toString('hex')}`
  mkdirSync(dirname(folder), { recursive: true })
  mkdirSync(incoming)
  try {
    await fill(incoming)
    renameSync(incoming, folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(incoming, { recursive: true, force: true })
  }
  return folder
}
