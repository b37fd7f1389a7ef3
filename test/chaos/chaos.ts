import { setTimeout as sleep } from 'node:timers/promises'
import { Bus } from '@spool/log'
import { type ChaosSystem, startChaosSystem } from './chaos-system.ts'
import { faultPlan } from './faulting/fault-plan.ts'
import type { Fault } from './faulting/fault.ts'
import { Faulter } from './faulting/faulter.ts'
import { judgeAll, type Verdicts } from './judging/judge-all.ts'
import { play, type Playing } from './playing/playing.ts'
import type { Profile } from './profile.ts'
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
/** Past its time nothing is well any more, but it is worth knowing whether it ends at all. */
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
    const { say, lengthMs } = this.options
    const saying = setInterval(() => say(this.progress()), SAY_EVERY_MS)
    try {
      await sleep(lengthMs)
      await this.faulter.untilDone()
      const lastFaultAt = Math.max(...this.faulter.faults.map(({ overAt }) => overAt))
      const openAtLastFault = this.playing.open
      say(`the last fault is over: ${this.progress()}`)
      const wrong = await this.untilEnded(lastFaultAt)
      const lastEndMs = performance.now() - lastFaultAt
      say(`the last end came ${(lastEndMs / 1000).toFixed(1)} s after the last fault; looking at everything`)
      wrong.push(...(await this.untilReady()))
      const { faults } = this.faulter
      const verdicts = await judgeAll(this.system, this.playing, faults)
      wrong.push(...verdicts.faults, ...(await leftInQueues(this.system.natsUrl)))
      const clients = this.seenByClients()
      const { length: runs } = this.playing.runs
      const [tookMs, logs] = [performance.now() - this.startedAt, this.system.spool.logs()]
      return { wrong, faults, clients, verdicts, runs, openAtLastFault, lastEndMs, tookMs, logs }
    } finally {
      clearInterval(saying)
      await this.faulter.stop()
    }
  }

  private progress(): string {
    const { runs, open } = this.playing
    return `${runs.length} runs begun, ${open} conversations open, ${this.faulter.faults.length} faults`
  }

  private async untilEnded(lastFaultAt: number): Promise<string[]> {
    const { endWithinMs, say } = this.options
    const untilMs = (ms: number) => sleep(Math.max(0, lastFaultAt + ms - performance.now()), undefined, { ref: false })
    const ended = this.playing.stop()
    await Promise.race([ended, untilMs(endWithinMs)])
    const late = [...this.playing.standing]
    for (const one of late) say(`late: ${one}`)
    if (late.length > 0) await Promise.race([ended, untilMs(Math.max(LONGEST_MS, endWithinMs))])
    return late.map((one) => `not over ${endWithinMs} ms after the last fault: ${one}`)
  }

  private async untilReady(): Promise<string[]> {
    try {
      await this.system.spool.waitReady()
      return []
    } catch (error) {
      return [`after all that the system is not ready: ${String(error)}`]
    }
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

/** Nobody waits for anything any more. */
async function leftInQueues(natsUrl: string): Promise<string[]> {
  const bus = await Bus.connect({ servers: natsUrl, name: 'chaos' })
  try {
    const giveUpAt = performance.now() + 20_000
    for (;;) {
      const left: string[] = []
      for (const stream of ['INTAKE', 'CONTROL', 'WORK']) {
        const { state } = await bus.jsm.streams.info(stream, { subjects_filter: '>' })
        left.push(...Object.keys(state.subjects ?? {}))
      }
      if (left.length === 0) return []
      if (performance.now() > giveUpAt) return left.map((subject) => `left in its queue: ${subject}`)
      await sleep(200)
    }
  } finally {
    await bus.close()
  }
}
