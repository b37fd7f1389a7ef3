import { setTimeout as delay } from 'node:timers/promises'
import type { Child, Exit } from '../processes/child.ts'
import { RestartDelay } from './restart-delay.ts'

export interface SupervisedOptions {
  /** `gateway-1`, `nats`, … */
  name: string
  /** Starts the process and resolves when it can be used; `started` is called as soon as there is a process. */
  start: (started: (child: Child) => void, signal: AbortSignal) => Promise<Child>
  endWith?: NodeJS.Signals
  /** Even after many deaths in a row it is started again after so long. */
  longestRestartDelayMs?: number | undefined
  onStarted: (name: string, pid: number) => void
  onEnded: (name: string) => void
  /** It died, or could not be started, and will be started again. */
  onTrouble: (name: string, what: string, retryInMs: number) => void
}

/** Keeps one process running until it is told to stop. */
export class Supervised {
  readonly name: string
  readonly #options: SupervisedOptions
  readonly #stopping = new AbortController()
  readonly #delay: RestartDelay
  #child: Child | undefined
  #restarting = false
  #life: Promise<void> = Promise.resolve()

  constructor(options: SupervisedOptions) {
    this.name = options.name
    this.#options = options
    this.#delay = new RestartDelay(options.longestRestartDelayMs)
  }

  get pid(): number | undefined {
    return this.#child?.exit ? undefined : this.#child?.pid
  }

  /** Resolves when it runs for the first time; rejects when it does not. From then on it is started again and again. */
  async start(): Promise<void> {
    const child = await this.#startOnce()
    this.#life = this.#keepAlive(child)
  }

  /** Ends it so that it is started again, with what is new on the disk. */
  restart(limitMs: number): void {
    this.#restarting = true
    void this.#child?.end(this.#endWith, limitMs)
  }

  /** Asks it to end, and kills it past the limit. Safe to call twice: the second limit counts as well. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping.abort()
    await this.#child?.end(this.#endWith, limitMs)
    await this.#life
    this.#options.onEnded(this.name)
  }

  kill(): void {
    this.#stopping.abort()
    this.#child?.signal('SIGKILL')
  }

  get #endWith(): NodeJS.Signals {
    return this.#options.endWith ?? 'SIGTERM'
  }

  async #startOnce(): Promise<Child> {
    const { signal } = this.#stopping
    const started = (child: Child) => {
      this.#child = child
      this.#options.onStarted(this.name, child.pid)
      // Told to stop while it was being started: it has done nothing yet that it could end in order.
      if (signal.aborted) child.signal('SIGKILL')
    }
    return this.#options.start(started, signal)
  }

  async #keepAlive(first: Child): Promise<void> {
    let life: Promise<string> = first.exited.then(describeExit)
    while (true) {
      const startedAt = Date.now()
      const trouble = await life
      if (this.#restarting) this.#restarting = false
      else if (!this.#stopping.signal.aborted) await this.#waitAfter(trouble, Date.now() - startedAt)
      if (this.#stopping.signal.aborted) return
      life = this.#startOnce().then(
        (child) => child.exited.then(describeExit),
        (error: Error) => `could not be started: ${error.message}`,
      )
    }
  }

  async #waitAfter(trouble: string, livedMs: number): Promise<void> {
    const retryInMs = this.#delay.next(livedMs)
    this.#options.onTrouble(this.name, trouble, retryInMs)
    await delay(retryInMs, undefined, { signal: this.#stopping.signal }).catch(() => {})
  }
}

const describeExit = ({ code, signal }: Exit) => (signal ? `was ended by ${signal}` : `ended with code ${code}`)
