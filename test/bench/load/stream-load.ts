import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { LoadCommand, LoadReport, Play } from './load-commands.ts'

/** The clients, in a process of their own. */
export class StreamLoad {
  private readonly child: ChildProcess

  constructor() {
    const file = fileURLToPath(new URL('load-process.ts', import.meta.url))
    this.child = fork(file, { execArgv: ['--max-semi-space-size=64'] })
  }

  get pid(): number {
    return this.child.pid!
  }

  play(play: Play): void {
    this.send({ do: 'play', play })
  }

  async report(): Promise<LoadReport> {
    const answer = once(this.child, 'message')
    this.send({ do: 'report' })
    const [report] = (await answer) as [LoadReport]
    return report
  }

  /** Waits for the ends of all streams, for so long at most. */
  async untilDone(timeoutMs: number): Promise<LoadReport> {
    const giveUpAt = performance.now() + timeoutMs
    for (;;) {
      const report = await this.report()
      if (report.done === report.streams || performance.now() > giveUpAt) return report
      await sleep(200)
    }
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }

  private send(command: LoadCommand): void {
    this.child.send(command)
  }
}
