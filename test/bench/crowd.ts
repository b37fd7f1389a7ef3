import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export type CrowdCommand =
  | { do: 'open'; url: string; key: string; paths: readonly string[]; first: number; count: number }
  | { do: 'stop reading' }
  | { do: 'cut' }
  | { do: 'report'; reset: boolean }

export interface CrowdReport {
  clients: number
  /** How many have had the head of an answer, since they were opened the last time, and when the last one had it. */
  opened: number
  lastOpenedAt: number
  /** How many have had an event since that was made after their answer's head was there. */
  live: number
  lastLiveAt: number
  events: number
  /** Events that did not follow from the one before, and answers that were no streams. */
  faults: number
  /** The position of the client that is furthest behind. */
  least: number
  /** Milliseconds between the making of an event and its reading, since the last reset. */
  lateness: { p50: number; p99: number; max: number; worstClientP99: number; count: number } | null
}

/** Many clients, in a process of their own. They come back whenever they are cut, with the last id that they saw. */
export class Crowd {
  private readonly child: ChildProcess

  /** In another network namespace, where one is named. */
  constructor(namespace?: string) {
    const file = fileURLToPath(new URL('crowd-process.ts', import.meta.url))
    this.child =
      namespace === undefined
        ? fork(file, { execArgv: ['--max-semi-space-size=64'] })
        : spawn('ip', ['netns', 'exec', namespace, process.execPath, file], { stdio: ['ignore', 1, 2, 'ipc'] })
  }

  get pid(): number {
    return this.child.pid!
  }

  open(url: string, key: string, paths: readonly string[], count: number, first = 0): void {
    this.send({ do: 'open', url, key, paths, first, count })
  }

  stopReading(): void {
    this.send({ do: 'stop reading' })
  }

  cut(): void {
    this.send({ do: 'cut' })
  }

  async report(reset = false): Promise<CrowdReport> {
    const answer = once(this.child, 'message')
    this.send({ do: 'report', reset })
    const [report] = (await answer) as [CrowdReport]
    return report
  }

  async until(what: string, condition: (report: CrowdReport) => boolean, timeoutMs = 60_000): Promise<CrowdReport> {
    const startedAt = performance.now()
    for (;;) {
      const report = await this.report()
      if (condition(report)) return report
      if (performance.now() - startedAt > timeoutMs) throw new Error(`not in time: ${what}; ${JSON.stringify(report)}`)
      await sleep(50)
    }
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }

  private send(command: CrowdCommand): void {
    this.child.send(command)
  }
}
