import { chown, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ShellSettings } from '@spool/config'
import { closing, Folder } from '../workspace/folder.ts'
import { sandboxOwner } from '../workspace/sandbox-owner.ts'
import { runConfined } from './run-confined.ts'
import { shellLimits } from './shell.ts'

/** Why this machine cannot confine commands, in words for the operator; null: it can. Tries it with a harmless one. */
export async function problemOfShell(settings: ShellSettings): Promise<string | null> {
  if (process.platform !== 'linux') return 'The tool "shell" needs Linux. Here it refuses every command.'
  const path = await mkdtemp(join(tmpdir(), 'spool-shell-'))
  try {
    const owner = sandboxOwner()
    if (owner !== undefined) await chown(path, owner.uid, owner.gid)
    const limits = { ...shellLimits(settings), timeoutMs: 10_000 }
    const { exitCode, stderr } = await closing(await Folder.at(path), (folder) =>
      runConfined('exit 7', folder, limits, { owner, hidden: [] }, new AbortController().signal),
    )
    return exitCode === 7 ? null : inWords(stderr)
  } catch (error) {
    const { cause } = error as Error
    return inWords(cause instanceof Error ? cause.message : String(error))
  } finally {
    await rm(path, { recursive: true, force: true })
  }
}

const inWords = (reason: string) =>
  `The tool "shell" cannot confine commands on this machine, so it refuses them all. It needs unshare, setpriv, prlimit ` +
  `and mount (util-linux 2.38 or newer), and a kernel that lets unprivileged users make namespaces; in a container also ` +
  `its leave to do so. docs/tools.md says how. What failed: ${reason.trim() || 'nothing was said'}`
