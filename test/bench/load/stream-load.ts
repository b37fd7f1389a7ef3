import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Counted, LoadCommand, LoadReport, Play } from './load-commands.ts'

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

  report(): Promise<LoadReport> {
    return this.ask({ do: 'report' })
  }

  count(): Promise<Counted> {
    return this.ask({ do: 'count' })
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

  /** Cuts all connections; nobody comes back. */
  drop(): void {
    this.send({ do: 'drop' })
  }

  stop(): void {
    this.child.kill('SIGKILL')
  }

  private async ask<Answer>(command: LoadCommand): Promise<Answer> {
    const answer = once(this.child, 'message')
    this.send(command)
    const [message] = (await answer) as [Answer]
    return message
  }

  private send(command: LoadCommand): void {
    this.child.send(command)
  }
}
