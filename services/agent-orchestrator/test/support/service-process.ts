import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startedScript } from '@spool/testing'

/** A built service as its own process, to be killed, frozen and asked to end. */
export class ServiceProcess {
  private readonly lines: string[] = []
  private readonly exited: Promise<unknown>

  private constructor(
    readonly service: string,
    private readonly child: ChildProcess,
  ) {
    this.exited = once(child, 'exit')
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => this.lines.push(text))
    }
  }

  static async start(service: string, natsUrl: string, env: Record<string, string> = {}): Promise<ServiceProcess> {
    return ServiceProcess.of(service, [await startedScript(`services/${service}/dist/main.js`)], natsUrl, env)
  }

  /** Whatever Node is told to run. */
  static of(name: string, args: readonly string[], natsUrl: string, env: Record<string, string>): ServiceProcess {
    return new ServiceProcess(
      name,
      spawn(process.execPath, args, {
        env: {
          ...process.env,
          NATS_URL: natsUrl,
          NODE_COMPILE_CACHE: join(tmpdir(), 'spool-compiled'),
          ...env,
        },
      }),
    )
  }

  get output(): string {
    return this.lines.join('')
  }

  get isReady(): boolean {
    return this.output.includes('"Ready"')
  }

  get exitCode(): number | null {
    return this.child.exitCode
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(signal)
    await this.exited
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.exited
  }
}
