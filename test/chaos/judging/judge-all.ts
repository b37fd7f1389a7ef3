import { Asking } from './asking.ts'
import type { ClientLog } from '../client-log.ts'
import { gather } from './gather.ts'
import type { JudgedFault, JudgedPlay, JudgedSystem } from './judged.ts'
import type { LoggedSession } from './logged-session.ts'
import { recoveries, type Recovery } from './recovery.ts'
import { sessionVerdict } from './session-verdict.ts'
import { Stores } from './stores.ts'
import { endOf } from './wrong-runs.ts'

export interface Verdicts {
  /** What is not as it must be, in words; empty: all is. */
  readonly faults: readonly string[]
  readonly sessions: number
  readonly events: number
  readonly counts: Readonly<Record<keyof typeof NOTHING, Readonly<Record<string, number>>>>
  /** From a fault to the next token, by kind of fault, and of all of them as `all`. */
  readonly recovery: Readonly<Record<string, Recovery>>
}

const NOTHING = {
  /** Clients, by kind. */
  clients: {} as Record<string, number>,
  /** Events and frames that they saw. */
  seen: {} as Record<string, number>,
  reconnects: {} as Record<string, number>,
  /** Runs, by plot and end. */
  ends: {} as Record<string, number>,
  /** Calls, by tool and end. */
  calls: {} as Record<string, number>,
  /** By what became of them. */
  memories: {} as Record<string, number>,
  /** Messages that are only a part, by reason. */
  partials: {} as Record<string, number>,
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
    const counts = structuredClone(NOTHING)
    const asking = new Asking(system)
    let events = 0
    const judgeOne = async (session: string) => {
      const concerned = { runs: runs.get(session) ?? [], clients: clients.get(session) ?? [] }
      if (!inNats.has(session)) return void found.push(`${session}: is nowhere`)
      const gathered = await gather(session, stores, asking)
      if (gathered.log.length !== inNats.get(session)) {
        found.push(`${session}: NATS holds ${inNats.get(session)} events, and gave ${gathered.log.length}`)
      }
      const verdict = sessionVerdict(gathered, { ...system, ...concerned })
      found.push(...verdict.faults)
      events += gathered.log.length
      count(counts, verdict.logged, playing)
      for (const client of concerned.clients) countClient(counts, client)
    }
    const queue = sessions.values()
    await Promise.all(
      Array.from({ length: SESSIONS_AT_ONCE }, async () => {
        for (const session of queue) {
          await judgeOne(session).catch((error: unknown) =>
            found.push(`${session}: cannot be judged: ${String(error)}`),
          )
        }
      }),
    )
    found.push(...(await verify))
    return { faults: found, sessions: sessions.length, events, counts, recovery: recoveries(faults, playing.logs) }
  } finally {
    await stores.close()
  }
}

type Counts = typeof NOTHING

function count({ ends, calls, memories, partials }: Counts, { state }: LoggedSession, { runs }: JudgedPlay): void {
  for (const run of state.runs) {
    const plot = runs.find(({ run: id }) => id === run.id)?.plot.kind ?? 'unknown'
    one(ends, `${plot}: ${endOf(run)}`)
    if (run.memory === 'on') one(memories, run.memoryState.status)
  }
  for (const { name, status, outcome, error } of state.calls) {
    one(calls, `${name}: ${[status, outcome, error?.code].filter(Boolean).join(' ')}`)
  }
  for (const { status, reason } of state.messages) if (status === 'partial') one(partials, String(reason))
}

function countClient({ clients, seen, reconnects }: Counts, client: ClientLog): void {
  one(clients, client.kind)
  one(seen, client.kind, client.at.length)
  one(reconnects, client.kind, client.reconnects)
}

function one(counts: Record<string, number>, what: string, by = 1): void {
  counts[what] = (counts[what] ?? 0) + by
}
