import { type ChildProcessByStdio, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string | null
}

export type Child = ChildProcessByStdio<Writable, Readable, Readable>

const running = new Set<number>()

// Also where this process ends without having been asked to. After a kill -9 nobody is left to do it: then the children see
// their standard input close, and those that heed it end.
process.on('exit', () => running.forEach((group) => signalGroup(group, 'SIGKILL')))

/** A program as the head of a process group of its own: whatever it starts can be ended with it. */
export function startGroup({ command, args, env, cwd }: Program): Child {
  const child = spawn(command, args, { env, cwd: cwd ?? undefined, detached: true, stdio: ['pipe', 'pipe', 'pipe'] })
  const { pid } = child
  if (pid !== undefined) {
    running.add(pid)
    child.once('exit', () => {
      running.delete(pid)
      // Those it left behind hold its pipes open, and nobody speaks to them any more.
      signalGroup(pid, 'SIGKILL')
    })
  }
  return child
}

export function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal)
  } catch {
    // There is none any more.
  }
}
