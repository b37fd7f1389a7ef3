import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { Folder, Owner } from '../workspace/folder.ts'
import { setupScript } from './setup-script.ts'

export interface Limits {
  readonly cpuSeconds: number
  readonly maxProcesses: number
  readonly maxMemoryBytes: number
  readonly maxFileBytes: number
}

export interface Confinement {
  /** As whom it runs; undefined: as whom the service runs. */
  readonly owner: Owner | undefined
  /** Folders of the service, which a command must not see where they lie among the system's programs. */
  readonly hidden: readonly string[]
}

export interface ConfinedProcess {
  readonly stdout: Readable
  readonly stderr: Readable
  /** Says `ready` when the command is about to be started. */
  readonly setup: Readable
  /** null: a signal ended it. Rejected where it could not be started. */
  readonly exitCode: Promise<number | null>
  /** It, and all that it has started. Bound. */
  readonly kill: () => void
}

/** Everything is looked for here, outside as inside; the service's own variables stay outside. */
const environment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  HOME: '/workspace',
  USER: 'agent',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
}

/**
 * Starts a command in namespaces of its own. Its first process dies with this one (`--pdeathsig`, `--kill-child`), and
 * with that process all others, because it is the first of a pid namespace: nothing outlives the command or us.
 */
export function startConfined(
  command: string,
  folder: Folder,
  limits: Limits,
  { owner, hidden }: Confinement,
): ConfinedProcess {
  if (process.getuid?.() === 0 && owner === undefined) throw new Error('root needs somebody to run commands as')
  const { cpuSeconds, maxProcesses, maxMemoryBytes, maxFileBytes } = limits
  const namespaces = ['--user', '--map-root-user', '--mount', '--pid', '--net', '--ipc', '--uts', '--cgroup']
  const options = [
    `--cpu=${cpuSeconds}`,
    `--nproc=${maxProcesses}`,
    `--as=${maxMemoryBytes}`,
    `--fsize=${maxFileBytes}`,
    '--nofile=256',
    '--core=0',
    '--memlock=0',
  ]
  const shell = ['/bin/sh', '-c', setupScript, 'sh', command, ...options, '--', ...hidden]
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'unshare', ...namespaces, '--fork', '--kill-child', ...shell],
    // Its own process group, without a terminal to type into.
    { cwd: folder.outsidePath, env: environment, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true, ...owner },
  ) as ChildProcessByStdio<null, Readable, Readable>
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  return {
    stdout: child.stdout,
    stderr: child.stderr,
    setup: child.stdio[3] as Readable,
    exitCode,
    kill: () => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has just ended by itself.
      }
    },
  }
}
