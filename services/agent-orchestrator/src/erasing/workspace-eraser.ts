import { setTimeout as delay } from 'node:timers/promises'
import { type Log, mayPass, onErased, SessionErased, type SessionRef } from '@spool/log'
import type { Logger } from '@spool/telemetry'
import type { Workspaces } from '../tools/built-in/workspace/workspaces.ts'

const tryAgainMs = 2000

/**
 * Removes the folders of sessions that were erased: when that is announced, and, as it may have been while nobody here could
 * hear, by looking through all folders at the start and after each time away from the bus. What counts is what the log says.
 */
export class WorkspaceEraser {
  readonly #stopped = new AbortController()
  readonly #unlisten: (() => void)[]
  readonly #working = new Set<Promise<void>>()
  #sweeps: Promise<void> = Promise.resolve()
  #isSweepAhead = false

  constructor(
    private readonly log: Log,
    private readonly workspaces: Pick<Workspaces, 'remove' | 'sessions'>,
    private readonly logger: Logger,
  ) {
    this.#unlisten = [
      onErased(log, (ref) => this.#work(this.#removeIfErased(ref))),
      log.bus.onReconnect(() => this.#sweepAfterwards()),
    ]
    this.#sweepAfterwards()
  }

  /** Of a session that was erased. Never rejects: the next start tries again. */
  async remove(ref: SessionRef): Promise<void> {
    try {
      await this.workspaces.remove(ref)
    } catch (error) {
      this.logger.error({ err: error, ...ref }, 'The folder of an erased session could not be removed')
    }
  }

  async stop(): Promise<void> {
    this.#stopped.abort()
    for (const unlisten of this.#unlisten) unlisten()
    await Promise.all([this.#sweeps, ...this.#working])
  }

  #work(work: Promise<void>): void {
    const done = work.finally(() => this.#working.delete(done))
    this.#working.add(done)
  }

  /** One after another, and of those that have not begun one is enough. */
  #sweepAfterwards(): void {
    if (this.#isSweepAhead) return
    this.#isSweepAhead = true
    this.#sweeps = this.#sweeps.then(() => {
      this.#isSweepAhead = false
      return this.#sweep()
    })
  }

  async #sweep(): Promise<void> {
    try {
      for await (const ref of this.workspaces.sessions()) {
        if (this.#stopped.signal.aborted) return
        await this.#removeIfErased(ref)
      }
    } catch (error) {
      this.logger.error({ err: error }, 'The folders of sessions could not be looked through')
    }
  }

  async #removeIfErased(ref: SessionRef): Promise<void> {
    const { signal } = this.#stopped
    while (!signal.aborted) {
      try {
        if (await this.#isErased(ref)) await this.remove(ref)
        return
      } catch (error) {
        if (signal.aborted) return
        if (!mayPass(error)) {
          this.logger.error({ err: error, ...ref }, 'Whether a session was erased cannot be told, so its folder stays')
          return
        }
        await delay(tryAgainMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  /** The event lies in the stream first; later only the archive may know, and also where one that slept has written behind it. */
  async #isErased(ref: SessionRef): Promise<boolean> {
    const { log } = this
    const { signal } = this.#stopped
    try {
      return (await log.end(ref, signal)).erased || (await log.askArchive(() => log.archive.tail(ref), signal)).erased
    } catch (error) {
      if (error instanceof SessionErased) return true
      throw error
    }
  }
}
