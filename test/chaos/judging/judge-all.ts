import { Asking } from './asking.ts'
import { disturbanceOf } from './blame.ts'
import { gather } from './gather.ts'
import type { JudgedFault, JudgedPlay, JudgedRun, JudgedSystem } from './judged.ts'
import type { LoggedSession } from './logged-session.ts'
import { recoveries, type Recovery } from './recovery.ts'
import { sessionVerdict } from './session-verdict.ts'
import { Stores } from './stores.ts'
import { unloggedEffects } from './unlogged-effects.ts'
import { endOf } from './wrong-runs.ts'

type Counts = Readonly<Record<string, number>>

export interface Verdicts {
  /** What is not as it must be, in words; empty: all is. */
  readonly faults: readonly string[]
  readonly sessions: number
  readonly events: number
  /** Runs, by plot and end. */
  readonly ends: Counts
  /** Calls, by tool and end. */
  readonly calls: Counts
  /** What became of them. */
  readonly memories: Counts
  /** Messages that are only a part, by reason. */
  readonly partials: Counts
  /** From a fault to the next token, by kind of fault, and of all of them as `all`. */
  readonly recovery: Readonly<Record<string, Recovery>>
}

const SESSIONS_AT_ONCE = 8

/** Compares what everybody saw with what lies everywhere. Nothing may go on meanwhile. */
export async function judgeAll(
  system: JudgedSystem,
  playing: JudgedPlay,
  faults: readonly JudgedFault[],
): Promise<Verdicts> {
  const stores = await Stores.open(system)
  try {
    const found = await stores.settled()
    const inNats = await stores.sessions()
    const verify = stores.verify()
    // Whoever waits for it hears of it.
    verify.catch(() => undefined)
    const runs = Map.groupBy(playing.runs, ({ session }) => session)
    const clients = Map.groupBy(playing.logs, ({ session }) => session)
    const sessions = [...new Set([...runs.keys(), ...clients.keys(), ...inNats.keys()])]
    const counts: CountsOfAll = { ends: {}, calls: {}, memories: {}, partials: {} }
    const asking = new Asking(system)
    const disturbances = faults.map(disturbanceOf)
    const called = new Set<string>()
    let events = 0
    const judgeOne = async (session: string) => {
      if (!inNats.has(session)) return void found.push(`${session}: is nowhere`)
      const concerned = { runs: runs.get(session) ?? [], clients: clients.get(session) ?? [] }
      const gathered = await gather(session, stores, asking)
      if (gathered.log.length !== inNats.get(session)) {
        found.push(`${session}: NATS holds ${inNats.get(session)} events, and gave ${gathered.log.length}`)
      }
      const verdict = sessionVerdict(gathered, { ...system, ...concerned, disturbances })
      found.push(...verdict.faults)
      events += gathered.log.length
      for (const { id } of verdict.logged.state.calls) called.add(id)
      count(counts, verdict.logged, concerned.runs)
    }
    const queue = sessions.values()
    const judgeAFew = async () => {
      for (const session of queue) {
        await judgeOne(session).catch((error: unknown) => found.push(`${session}: cannot be judged: ${String(error)}`))
      }
    }
    await Promise.all(Array.from({ length: SESSIONS_AT_ONCE }, judgeAFew))
    found.push(...unloggedEffects(system.world, called), ...(await verify))
    const recovery = await recoveries(faults, playing.logs)
    return { faults: found, sessions: sessions.length, events, ...counts, recovery }
  } finally {
    await stores.close()
  }
}

type CountsOfAll = Record<'ends' | 'calls' | 'memories' | 'partials', Record<string, number>>

function count(counts: CountsOfAll, { state }: LoggedSession, runs: readonly JudgedRun[]): void {
  const add = (to: keyof CountsOfAll, what: string) => (counts[to][what] = (counts[to][what] ?? 0) + 1)
  for (const run of state.runs) {
    const plot = runs.find(({ run: id }) => id === run.id)?.plot.kind ?? 'unknown'
    add('ends', `${plot}: ${endOf(run)}`)
    if (run.memory === 'on') add('memories', run.memoryState.status)
  }
  for (const { name, status, outcome, error } of state.calls) {
    add('calls', `${name}: ${[status, outcome, error?.code].filter(Boolean).join(' ')}`)
  }
  for (const { status, reason } of state.messages) if (status === 'partial') add('partials', String(reason))
}
