import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'
import { bareEnvironment } from '../processes/bare-environment.ts'
import { Child } from '../processes/child.ts'
import { commandLineOf } from '../processes/command-line-of.ts'
import type { Reaper } from '../processes/reaper.ts'
import { ServerDidNotStart } from '../processes/server-did-not-start.ts'
import { waitForLine } from '../processes/wait-for-line.ts'
import type { PostgresPrograms } from './postgres-programs.ts'

export interface PostgresProcessOptions {
  programs: PostgresPrograms
  dataFolder: string
  port: number
  settings?: Readonly<Record<string, string>>
  user?: UnprivilegedUser | undefined
  reaper?: Reaper | undefined
  onLine?: ((line: string) => void) | undefined
  /** Called as soon as there is a process, before it can be used. */
  started?: (child: Child) => void
  /** Ends a start that is under way. */
  signal?: AbortSignal
}

/** Ends every connection and the server, without waiting for clients; the next start needs no recovery. */
export const fastShutdown: NodeJS.Signals = 'SIGINT'
/** Ends at once, as after a crash, but cleans up what the kernel would keep. */
export const immediateShutdown: NodeJS.Signals = 'SIGQUIT'

/** Recovery after a crash comes before readiness, and may take its time. */
const recoveryMs = 60_000

/** How long the orphans of a killed server may hold its shared memory. */
const orphansLeaveMs = 3_000

/** Starts Postgres and resolves when it accepts connections. */
export async function startPostgresProcess(options: PostgresProcessOptions): Promise<Child> {
  const giveUpAt = Date.now() + orphansLeaveMs
  removeStaleLock(options.dataFolder)
  while (true) {
    try {
      return await start(options)
    } catch (error) {
      const heldByOrphans = error instanceof ServerDidNotStart && /pre-existing shared memory block/.test(error.output)
      if (!heldByOrphans || Date.now() > giveUpAt) throw error
      await delay(50)
    }
  }
}

async function start(options: PostgresProcessOptions): Promise<Child> {
  const { programs, dataFolder, port, settings, user, reaper, onLine, started, signal } = options
  const all = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings }
  const child = await Child.start({
    command: programs.postgres,
    args: ['-D', dataFolder, ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    env: bareEnvironment(),
    user,
    reaper,
    reapWith: immediateShutdown,
    onLine,
  })
  started?.(child)
  await waitForLine('Postgres', child, /database system is ready to accept connections/, {
    limitMs: recoveryMs,
    signal,
  })
  return child
}

/**
 * After a crash of the machine the process id in the lock file may belong to some other process, and Postgres, which
 * only looks whether it lives, would refuse to start. The file of a dead process stays: by it Postgres finds the orphans
 * of a killed server.
 */
function removeStaleLock(dataFolder: string): void {
  const lock = join(dataFolder, 'postmaster.pid')
  if (!existsSync(lock)) return
  const owner = commandLineOf(Number(readFileSync(lock, 'utf8').split('\n', 1)[0]))
  if (owner !== undefined && !owner.includes(dataFolder)) rmSync(lock, { force: true })
}
