import type { Child } from '@spool/dev'

/** A server a test can kill, freeze and restart. After `restart` it has another process id and the same port and data. */
export interface TestServer {
  readonly pid: number
  /** Default SIGKILL. Resolves when the process is gone; at once for a signal that does not end it. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Ends it, if it runs, and starts it again. */
  restart(): Promise<void>
  /** Ends it and deletes its data. */
  stop(): Promise<void>
}

export const doesNotEnd = (signal: NodeJS.Signals) =>
  ['SIGSTOP', 'SIGCONT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'].includes(signal)

export interface TestServerParts {
  child: Child
  start: () => Promise<Child>
  endWith: NodeJS.Signals
  deleteData: () => void
}

export function testServer({ child, start, endWith, deleteData }: TestServerParts): TestServer {
  return {
    get pid() {
      return child.pid
    },
    async kill(signal = 'SIGKILL') {
      child.signal(signal)
      if (!doesNotEnd(signal)) await child.exited
    },
    async restart() {
      await child.end('SIGKILL')
      child = await start()
    },
    async stop() {
      await child.end(endWith, 5_000)
      deleteData()
    },
  }
}
