import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { LaunchProblem } from '../launcher/launch-problem.ts'
import { hasCode } from '../has-code.ts'
import { identify, isIdentity, isStillRunning } from './identity.ts'

/** One launcher at a time works on a data folder. A lock whose launcher is gone is taken over. */
export function lockRunFolder(runFolder: string): { release(): void } {
  const file = join(runFolder, 'launcher.lock')
  const own = JSON.stringify(identify(process.pid))
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      writeFileSync(file, own, { flag: 'wx' })
      return { release: () => rmSync(file, { force: true }) }
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    const holder = lockHolder(runFolder)
    if (holder !== undefined) throw new LaunchProblem(alreadyRunning(runFolder, holder))
    rmSync(file, { force: true })
  }
  throw new LaunchProblem(`${file} is written by several launchers at the same time. Start one of them again.`)
}

/** The process id of the launcher that works on this folder now. */
export function lockHolder(runFolder: string): number | undefined {
  try {
    const holder: unknown = JSON.parse(readFileSync(join(runFolder, 'launcher.lock'), 'utf8'))
    return isIdentity(holder) && isStillRunning(holder) ? holder.pid : undefined
  } catch {
    return undefined
  }
}

const alreadyRunning = (runFolder: string, pid: number) =>
  `Spool is already running with this data (process ${pid}, ${runFolder}). ` +
  'Stop it first, or set SPOOL_DATA to another folder and PORT to another port.'
