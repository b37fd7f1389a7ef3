import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { lineFile } from '../output/line-file.ts'
import type { Output } from '../output/output.ts'
import { Reaper } from '../processes/reaper.ts'
import type { RunFolder } from '../run-folder/run-folder.ts'
import { Supervised, type SupervisedOptions } from '../supervising/supervised.ts'
import { LaunchCalledOff } from './launch-called-off.ts'
import type { LaunchSettings } from './settings.ts'

/** What every step of a launch shares: what runs by now, where that is noted, and how to talk about it. */
export class LaunchContext {
  settings: LaunchSettings
  readonly output: Output
  readonly runFolder: RunFolder
  readonly reaper = new Reaper()
  readonly #supervised = new Map<string, Supervised>()
  readonly #closing = new AbortController()
  readonly #beside: Promise<unknown>[] = []
  readonly #logs: { close(): void }[] = []

  constructor(settings: LaunchSettings, output: Output, runFolder: RunFolder) {
    this.settings = settings
    this.output = output
    this.runFolder = runFolder
  }

  get supervised(): ReadonlyMap<string, Supervised> {
    return this.#supervised
  }

  /** From here on nothing new is started, and what only prepares something is given up. */
  close(): void {
    this.#closing.abort()
  }

  get closing(): AbortSignal {
    return this.#closing.signal
  }

  /** Something that goes on beside other things and is waited for before the launcher leaves. */
  beside<Result>(work: Promise<Result>): Promise<Result> {
    this.#beside.push(work)
    return work
  }

  /** A download may take its time and harms nobody: past the limit it is left alone. */
  async besideEnded(limitMs: number): Promise<void> {
    await Promise.race([Promise.allSettled(this.#beside), delay(limitMs, undefined, { ref: false })])
  }

  supervise(options: Pick<SupervisedOptions, 'name' | 'start' | 'endWith'>): Supervised {
    if (this.closing.aborted) throw new LaunchCalledOff()
    const supervised = new Supervised({
      ...options,
      longestRestartDelayMs: this.settings.longestRestartDelayMs,
      onStarted: (name, pid) => this.runFolder.started(name, pid),
      onEnded: (name) => this.runFolder.ended(name),
      onTrouble: (name, what, retryInMs) =>
        this.output.warn(`${name} ${what}; starting it again in ${(retryInMs / 1000).toFixed(1)} s`),
    })
    this.#supervised.set(options.name, supervised)
    return supervised
  }

  serverLog(name: string): { write(line: string): void } {
    const log = lineFile(join(this.settings.dataFolder, 'log', `${name}.log`))
    this.#logs.push(log)
    return log
  }

  closeLogs(): void {
    for (const log of this.#logs) log.close()
  }
}
