import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { Bus } from '@spool/log'
import { type SpoolUnderTest, startSpool } from '@spool/testing'
import { type AgentsFile, writeAgentsFile } from '../e2e/support/agents-file.ts'
import { OutsideWorld } from '../e2e/support/outside-world.ts'
import { Killer } from './killer.ts'
import { MORE_AGENTS, plotOf } from './playing/kinds.ts'
import { PlayedRun } from './playing/played-run.ts'
import { Random } from './random.ts'
import { StubbornClient } from './playing/stubborn-client.ts'
import { endOf, verdictOn } from './verdict.ts'

export interface ChaosOptions {
  runs: number
  /** Runs that are open at a time. */
  concurrency: number
  seed: number
  /** At least; where all runs are begun sooner, it waits for these. */
  kills: number
  pauseMs: readonly [least: number, most: number]
  /** Of each service. */
  copies: number
  /** From the last kill to the last end. */
  endWithinMs: number
  say: (line: string) => void
}

export interface ChaosReport {
  /** Nothing, it is hoped. */
  faults: string[]
  kills: Record<string, number>
  tookMs: number
  /** From the last kill to the last end of a run that was open then; its memory belongs to it. */
  lastEndMs: number
  /** Open when the last kill came. */
  openAtLastKill: number
  /** So many runs by kind and end, so many calls by tool and end. */
  ends: Record<string, number>
  calls: Record<string, number>
  memories: Record<string, number>
  events: number
  logs: string
}

const SAY_EVERY_MS = 10_000
/** Past its time nothing is well any more, but it is worth knowing whether it ends at all. */
const LONGEST_MS = 240_000

/** Runs of all kinds while whatever carries them is killed again and again. */
export async function chaos(options: ChaosOptions): Promise<ChaosReport> {
  const world = await OutsideWorld.start()
  const file = writeAgentsFile(world.url, 100, MORE_AGENTS)
  const spool = await startChaosSpool(file, options.copies)
  try {
    return await new Chaos(spool, world, options).run()
  } finally {
    await spool.stop()
    world.stop()
    rmSync(file.folder, { recursive: true })
  }
}

function startChaosSpool({ env }: AgentsFile, copies: number): Promise<SpoolUnderTest> {
  const services = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence']
  return startSpool({
    env,
    copies: Object.fromEntries(services.map((name) => [name, copies])),
    longestRestartDelayMs: 1000,
  })
}

class Chaos {
  private readonly spool: SpoolUnderTest
  private readonly world: OutsideWorld
  private readonly options: ChaosOptions
  private readonly client: StubbornClient
  private readonly played: PlayedRun[] = []
  private open = 0

  constructor(spool: SpoolUnderTest, world: OutsideWorld, options: ChaosOptions) {
    this.spool = spool
    this.world = world
    this.options = options
    this.client = new StubbornClient(spool)
  }

  async run(): Promise<ChaosReport> {
    const { runs, kills, seed, pauseMs, copies, say, endWithinMs } = this.options
    const startedAt = performance.now()
    const killer = new Killer(this.spool, new Random(seed + 1), { pauseMs, copies })
    const saying = setInterval(() => say(`${this.progress()}, ${killer.count} kills`), SAY_EVERY_MS)
    try {
      await this.playAll()
      while (killer.count < kills) await sleep(20)
      await killer.stop()
      const openAtLastKill = this.played.filter((run) => run.isOpenAt(killer.lastKillAt)).length
      say(`the last kill: ${this.progress()}`)
      const faults = await this.untilEnded(killer.lastKillAt)
      const lastEndMs = Math.max(0, ...this.played.map(({ endedAt }) => (endedAt ?? 0) - killer.lastKillAt))
      if (lastEndMs > endWithinMs) faults.push(`the last end came ${Math.round(lastEndMs)} ms after the last kill`)
      await this.spool.waitReady()
      say(`the last end ${(lastEndMs / 1000).toFixed(1)} s after the last kill; looking at ${runs} runs`)
      const judged = await this.judgeAll()
      faults.push(...judged.faults, ...(await this.leftInQueues()))
      const tookMs = performance.now() - startedAt
      return { ...judged, faults, kills: killer.kills, tookMs, lastEndMs, openAtLastKill, logs: this.spool.logs() }
    } finally {
      clearInterval(saying)
      await killer.stop()
    }
  }

  private progress(): string {
    return `${this.played.length} runs begun, ${this.open} open`
  }

  /** Begins them all, so many at a time; some of them in a session that has another run. */
  private async playAll(): Promise<void> {
    const { runs, concurrency, seed } = this.options
    const random = new Random(seed)
    let session = ''
    while (this.played.length < runs) {
      while (this.open >= concurrency) await sleep(20)
      const index = this.played.length
      if (session === '' || random.next() < 0.8) session = `chaos-${index}`
      this.play(new PlayedRun(this.client, session, `run-${index}`, plotOf(random, index)))
      await sleep(random.between(0, 60))
    }
  }

  private play(run: PlayedRun): void {
    this.played.push(run)
    this.open++
    const over = () => void this.open--
    run.play(this.spool).then(over, (error: unknown) => {
      run.faults.push(`its follower broke: ${String(error)}`)
      over()
    })
  }

  private async untilEnded(lastKillAt: number): Promise<string[]> {
    const { endWithinMs, say } = this.options
    const sinceKill = () => performance.now() - lastKillAt
    while (this.open > 0 && sinceKill() < endWithinMs) await sleep(20)
    const late = this.played.filter(({ endedAt }) => endedAt === null)
    for (const run of late) say(`late: ${run.told}`)
    while (this.open > 0 && sinceKill() < LONGEST_MS) await sleep(100)
    return late.map((run) => `not over ${endWithinMs} ms after the last kill: ${run.told}`)
  }

  private async judgeAll(): Promise<Pick<ChaosReport, 'faults' | 'ends' | 'calls' | 'memories' | 'events'>> {
    const faults: string[] = []
    const counts: Record<'ends' | 'calls' | 'memories', Record<string, number>> = { ends: {}, calls: {}, memories: {} }
    let events = 0
    const count = (what: keyof typeof counts, key: string) => (counts[what][key] = (counts[what][key] ?? 0) + 1)
    for (const [session, runs] of Map.groupBy(this.played, (one) => one.session)) {
      const verdict = await verdictOn(session, runs, this.client, this.world)
      faults.push(...verdict.faults)
      events += verdict.events
      const { state } = verdict
      for (const { plot, run: id } of runs) {
        const run = state.runs.find((one) => one.id === id)
        if (run !== undefined) count('ends', `${plot.kind}: ${endOf(run)}`)
        if (run?.memory === 'on') count('memories', run.memoryState.status)
      }
      for (const { name, status, outcome, error } of state.calls)
        count('calls', `${name}: ${[status, outcome, error?.code].filter(Boolean).join(' ')}`)
    }
    return { faults, events, ...counts }
  }

  /** Nobody waits for anything any more. */
  private async leftInQueues(): Promise<string[]> {
    const bus = await Bus.connect({ servers: `nats://127.0.0.1:${String(this.spool.ports['nats'])}`, name: 'chaos' })
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
}
