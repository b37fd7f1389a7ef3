import { spawn, type ChildProcess } from 'node:child_process'
import { setPriority } from 'node:os'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'
import type { Reaper } from './reaper.ts'

export interface ChildOptions {
  command: string
  args: readonly string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  /** Give up root before the program starts. */
  user?: UnprivilegedUser | undefined
  reaper?: Reaper | undefined
  /** What the reaper sends, should we die first. Default SIGTERM. */
  reapWith?: NodeJS.Signals
  onLine?: ((line: string) => void) | undefined
}

export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

const rememberedLines = 40
/** A third of the processor time of one of the usual rank in its session, where there is not enough for both; all of it where there is. */
const SECOND = 5

/**
 * A program whose end we order. It shares our session: Linux divides the processors among sessions before anything else,
 * and a token goes through several programs. `npm start` gives us one of our own, so that no Ctrl-C reaches it.
 */
export class Child {
  readonly pid: number
  readonly exited: Promise<Exit>
  readonly #lastLines: string[] = []
  readonly #listeners = new Set<(line: string) => void>()
  #exit: Exit | undefined

  private constructor(spawned: ChildProcess, exited: Promise<Exit>) {
    this.pid = spawned.pid!
    this.exited = exited
    spawned.once('exit', (code, signal) => (this.#exit = { code, signal }))
  }

  static async start(options: ChildOptions): Promise<Child> {
    const spawned = spawn(options.command, options.args, {
      cwd: options.cwd ?? '/',
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options.user,
    })
    const exited = exitOf(spawned)
    await new Promise<void>((resolve, reject) => {
      spawned.once('error', reject)
      // The pid is known before the event: not a moment may pass in which the child is unguarded.
      if (spawned.pid !== undefined) options.reaper?.started(spawned.pid, options.reapWith ?? 'SIGTERM')
      spawned.once('spawn', resolve)
    })
    const child = new Child(spawned, exited)
    void exited.then(() => options.reaper?.ended(child.pid, options.reapWith ?? 'SIGTERM'))
    if (options.onLine) child.#listeners.add(options.onLine)
    for (const stream of [spawned.stdout, spawned.stderr])
      createInterface(stream).on('line', (line) => child.#hear(line))
    return child
  }

  get exit(): Exit | undefined {
    return this.#exit
  }

  /** The last lines the program wrote, for the message when it fails. */
  get lastLines(): string {
    return this.#lastLines.join('\n')
  }

  onLine(listener: (line: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** All share one machine: what somebody is waiting for this very moment comes before it. What it starts from now on, too. */
  letOthersGoFirst(): void {
    try {
      setPriority(this.pid, SECOND)
    } catch {
      // It ended in this very moment, or it is not ours to tell: then all have the same rank.
    }
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exit) return
    try {
      process.kill(this.pid, signal)
    } catch {
      // It ended in this very moment.
    }
  }

  /** Ask it to end; past the limit it is killed. */
  async end(signal: NodeJS.Signals = 'SIGTERM', limitMs = 10_000): Promise<Exit> {
    this.signal(signal)
    const timer = setTimeout(() => this.signal('SIGKILL'), limitMs)
    try {
      return await this.exited
    } finally {
      clearTimeout(timer)
    }
  }

  #hear(line: string): void {
    this.#lastLines.push(line)
    if (this.#lastLines.length > rememberedLines) this.#lastLines.shift()
    for (const listener of this.#listeners) listener(line)
  }
}

/** Its last words count too; but something it started may hold its output open, so they are not waited for long. */
async function exitOf(spawned: ChildProcess): Promise<Exit> {
  const closed = new Promise<void>((resolve) => spawned.once('close', () => resolve()))
  const exit = await new Promise<Exit>((resolve) => spawned.once('exit', (code, signal) => resolve({ code, signal })))
  await Promise.race([closed, delay(100, undefined, { ref: false })])
  return exit
}
