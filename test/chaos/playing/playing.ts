import { setTimeout as sleep } from 'node:timers/promises'
import type { ClientLog } from '../client-log.ts'
import { Random } from '../random.ts'
import { conversationPlan } from './conversation-plan.ts'
import { Conversation } from './conversation.ts'
import type { RecordedLog } from './recorded-log.ts'
import type { RunInPlay } from './run-in-play.ts'
import { StubbornClient } from './stubborn-client.ts'

/** The running system as its clients know it. */
export interface PlayedSystem {
  /** Of the gateways, as clients reach them. */
  readonly urls: readonly string[]
  readonly key: string
}

export interface PlayOptions {
  /** Says which conversations there are, who watches them and how; when all of it happens, nobody can say. */
  readonly seed: number
  /** Conversations that go on at a time. */
  readonly sessions: number
  /** No run begins after that, in ms of the monotonic clock. */
  readonly untilMs: number
}

export interface Playing {
  readonly runs: readonly RunInPlay[]
  readonly logs: readonly ClientLog[]
  /** Conversations that are not over. */
  readonly open: number
  /** Where each of these stands, for whoever has to look into it. */
  readonly standing: readonly string[]
  /** Begins no more runs; resolves once all are over, and everybody who watches has seen their end. */
  stop(): Promise<void>
}

/** How often an idle stream gives a sign of life. */
export const KEEP_ALIVE_MS = 3_000
/** A connection on which nothing came for so long is dead; the protocol has it at 40 s, for signs of life every 15 s. */
const SILENT_MS = (KEEP_ALIVE_MS * 40) / 15
/** Nobody all comes at once. */
const ARRIVE_WITHIN_MS = 10_000

export function play(system: PlayedSystem, options: PlayOptions): Playing {
  const troupe = new Troupe(system, options)
  const done = troupe.play()
  return {
    runs: troupe.runs,
    logs: troupe.logs,
    get open() {
      return troupe.open.size
    },
    get standing() {
      return Array.from(troupe.open, ({ standing }) => standing)
    },
    async stop() {
      troupe.isStopped = true
      await done
    },
  }
}

/** Keeps so many conversations going. */
class Troupe {
  readonly runs: RunInPlay[] = []
  readonly logs: RecordedLog[] = []
  readonly open = new Set<Conversation>()
  isStopped = false
  private readonly system: PlayedSystem
  private readonly options: PlayOptions
  private begun = 0

  constructor(system: PlayedSystem, options: PlayOptions) {
    this.system = system
    this.options = options
  }

  async play(): Promise<void> {
    const random = new Random(this.options.seed)
    const places = Array.from({ length: this.options.sessions }, () => random.between(0, ARRIVE_WITHIN_MS))
    await Promise.all(places.map((afterMs) => this.oneAfterTheOther(afterMs)))
  }

  private get isClosing(): boolean {
    return this.isStopped || performance.now() >= this.options.untilMs
  }

  private async oneAfterTheOther(afterMs: number): Promise<void> {
    const { system, options, runs, logs } = this
    const { urls, key } = system
    const reach = { urls, key, silentMs: SILENT_MS }
    const client = new StubbornClient(system, (what) => runs.at(-1)?.faults.push(what))
    const stage = { client, reach, runs, logs, isClosing: () => this.isClosing }
    await sleep(afterMs)
    while (!this.isClosing) {
      const conversation = new Conversation(conversationPlan(options.seed, this.begun++), stage)
      this.open.add(conversation)
      await conversation.play()
      this.open.delete(conversation)
    }
  }
}
