import { setTimeout as sleep } from 'node:timers/promises'
import { Bus } from '@spool/log'
import { type ChaosSystem, startChaosSystem } from './chaos-system.ts'
import { faultPlan } from './faulting/fault-plan.ts'
import type { Fault } from './faulting/fault.ts'
import { Faulter } from './faulting/faulter.ts'
import { judgeAll, type Verdicts } from './judging/judge-all.ts'
import { late } from './judging/late.ts'
import { leftInQueues } from './judging/left-in-queues.ts'
import { unlikeReplicas } from './judging/unlike-replicas.ts'
import { unready } from './judging/unready.ts'
import { play, type Playing } from './playing/playing.ts'
import { type Profile, SERVERS } from './profile.ts'
import { Random } from './random.ts'

export interface ChaosOptions {
  profile: Profile
  /** Says what is done to the system, and what its clients do. */
  seed: number
  /** Conversations that go on at a time. */
  sessions: number
  /** From the first conversation to the last that begins. */
  lengthMs: number
  /** From the last fault to the last end. */
  endWithinMs: number
  say: (line: string) => void
}

export interface ChaosReport {
  /** The version of its server. */
  nats: string
  /** Everything that is not as it must be: nothing, it is hoped. */
  wrong: string[]
  faults: readonly Fault[]
  /** By kind of client. */
  clients: Record<string, SeenByClients>
  verdicts: Verdicts
  runs: number
  /** Conversations that were not over when the last fault was. */
  openAtLastFault: number
  /** From the end of the last fault to the end of the last conversation. */
  lastEndMs: number
  tookMs: number
  /** What launcher and services wrote. */
  logs: string
}

export interface SeenByClients {
  clients: number
  seen: number
  reconnects: number
}

const SAY_EVERY_MS = 10_000
/** Before its first fault everybody is there, and from its last one on new conversations still begin. */
const FIRST_FAULT_MS = 2_000
const CALM_AT_THE_END_MS = 6_000
const LONGEST_MS = 90_000

/** Conversations of all kinds, while whatever carries them is killed, frozen, cut off and lied to. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const system = await startChaosSystem(options.profile)
  try {
    return await new Chaos(system, options).run()
  } finally {
    await system.stop()
  }
}

class Chaos {
  private readonly system: ChaosSystem
  private readonly options: ChaosOptions
  private readonly startedAt = performance.now()
  private readonly playing: Playing
  private readonly faulter: Faulter

  constructor(system: ChaosSystem, options: ChaosOptions) {
    const { seed, sessions, lengthMs, profile } = options
    this.system = system
    this.options = options
    this.playing = play(system, { seed, sessions, untilMs: this.startedAt + lengthMs })
    const untilMs = lengthMs - CALM_AT_THE_END_MS
    this.faulter = new Faulter(system, faultPlan(new Random(seed + 1), { profile, fromMs: FIRST_FAULT_MS, untilMs }))
  }

  async run(): Promise<ChaosReport> {
    const { say, lengthMs, endWithinMs } = this.options
    const { natsUrl } = this.system
    const nats = await natsVersion(natsUrl)
    say(`on nats-server ${nats}`)
    const saying = setInterval(() => say(this.progress()), SAY_EVERY_MS)
    try {
      await sleep(lengthMs)
      await this.faulter.untilDone()
      const lastFaultAt = Math.max(...this.faulter.faults.map(({ overAt }) => overAt))
      const openAtLastFault = this.playing.open
      say(`the last fault is over: ${this.progress()}`)
      const wrong = await late(this.playing, { lastFaultAt, endWithinMs, longestMs: LONGEST_MS, say })
      const lastEndMs = performance.now() - lastFaultAt
      say(`the last end came ${(lastEndMs / 1000).toFixed(1)} s after the last fault; looking at everything`)
      wrong.push(...(await unready(this.system.urls)))
      const { faults } = this.faulter
      const verdicts = await judgeAll(this.system, this.playing, faults)
      wrong.push(
        ...verdicts.faults,
        ...(await leftInQueues(natsUrl)),
        ...(await unlikeReplicas(natsUrl, SERVERS[this.options.profile])),
      )
      const clients = this.seenByClients()
      const { length: runs } = this.playing.runs
      const [tookMs, logs] = [performance.now() - this.startedAt, this.system.spool.logs()]
      return { nats, wrong, faults, clients, verdicts, runs, openAtLastFault, lastEndMs, tookMs, logs }
    } finally {
      clearInterval(saying)
      await this.faulter.stop()
    }
  }

  private progress(): string {
    const { runs, open } = this.playing
    return `${runs.length} runs begun, ${open} conversations open, ${this.faulter.faults.length} faults`
  }

  private seenByClients(): Record<string, SeenByClients> {
    const seen: Record<string, SeenByClients> = {}
    for (const { kind, at, reconnects } of this.playing.logs) {
      const one = (seen[kind] ??= { clients: 0, seen: 0, reconnects: 0 })
      one.clients++
      one.seen += at.length
      one.reconnects += reconnects
    }
    return seen
  }
}

async function natsVersion(natsUrl: string): Promise<string> {
  const bus = await Bus.connect({ servers: natsUrl, name: 'chaos' })
  try {
    return bus.version
  } finally {
    await bus.close()
  }
}
