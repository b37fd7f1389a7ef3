import { setTimeout as sleep } from 'node:timers/promises'
import type { SpoolUnderTest } from '@spool/testing'
import type { Random } from './random.ts'

/** What is killed, and how often compared to the others. */
const VICTIMS = [
  ['agent-orchestrator', 35],
  ['llm-proxy', 18],
  ['persistence', 15],
  ['gateway', 15],
  ['nats', 5],
  ['postgres', 5],
] as const
const SERVERS: readonly string[] = ['nats', 'postgres']

export interface KillerOptions {
  /** Between one kill and the next. */
  pauseMs: readonly [least: number, most: number]
  copies: number
}

/** Kills what runs, at random, until it is stopped. */
export class Killer {
  readonly kills: Record<string, number> = {}
  lastKillAt = 0
  private readonly spool: SpoolUnderTest
  private readonly random: Random
  private readonly options: KillerOptions
  private readonly stopping = new AbortController()
  private readonly done: Promise<void>

  constructor(spool: SpoolUnderTest, random: Random, options: KillerOptions) {
    this.spool = spool
    this.random = random
    this.options = options
    this.done = this.killAll()
  }

  get count(): number {
    return Object.values(this.kills).reduce((sum, one) => sum + one, 0)
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.done
  }

  private async killAll(): Promise<void> {
    const { signal } = this.stopping
    while (!signal.aborted) {
      await sleep(this.random.between(...this.options.pauseMs), undefined, { signal }).catch(() => undefined)
      if (!signal.aborted) this.killOne()
    }
  }

  private killOne(): void {
    const name = this.random.one(VICTIMS)
    // Sometimes all that could take over is gone as well.
    const isEveryCopy = !SERVERS.includes(name) && this.random.next() < 0.15
    const copies = SERVERS.includes(name) ? [1] : Array.from({ length: this.options.copies }, (_, index) => index + 1)
    for (const copy of isEveryCopy ? copies : [this.random.one(copies.map((one) => [one, 1] as const))]) {
      try {
        this.spool.kill(name, copy)
      } catch {
        // It is dead already.
        continue
      }
      this.lastKillAt = performance.now()
      this.kills[name] = (this.kills[name] ?? 0) + 1
    }
  }
}
