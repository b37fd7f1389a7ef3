import { type ChildProcess, type Serializable, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

export interface Memory {
  rss: number
  heapUsed: number
}

/** A Node process that serves HTTP and says where, in a line of JSON with a `url`. */
export class ServerProcess {
  readonly url: string
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, url: string) {
    this.child = child
    this.url = url
  }

  static async start(
    file: URL,
    env: Readonly<Record<string, string>> = {},
    flags: readonly string[] = [],
  ): Promise<ServerProcess> {
    const preload = new URL('collect-garbage.mjs', import.meta.url)
    const child = spawn(process.execPath, [...flags, '--import', preload.href, file.pathname], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const lines = createInterface({ input: child.stdout! })
    for await (const line of lines) {
      const url = /"url":"([^"]+)"/.exec(line)?.[1]
      if (url === undefined) continue
      child.stdout!.resume()
      return new ServerProcess(child, url)
    }
    throw new Error(`${file.pathname} ended before it served`)
  }

  get pid(): number {
    return this.child.pid!
  }

  /** What it holds once its garbage is collected. */
  memory(): Promise<Memory> {
    return this.ask<Memory>('collect garbage')
  }

  /** Tells it something over IPC that it answers. */
  async ask<Answer>(message: Serializable): Promise<Answer> {
    const answer = once(this.child, 'message')
    this.child.send(message)
    const [answered] = (await answer) as [Answer]
    return answered
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exit = once(this.child, 'exit')
    this.child.kill(signal)
    await exit
  }
}
