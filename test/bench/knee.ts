/**
 * The most tokens/s that are delivered before the p99 of their lateness passes 250 ms: `node test/bench/knee.ts [--quick]
 * [--sync always]`. As in `latency.ts`, with ever more streams. All of it shares this machine, the clients too.
 */
import type { Figure, Setting, Sync } from './figure.ts'
import { type Knee, type KneeAsked, measureKnee } from './measure-knee.ts'
import { cpuLine } from './measure-streams.ts'
import { measured } from './measuring.ts'
import { type Peer, PEERS, unlessMissing } from './peers/peers.ts'
import { measureRawAppends } from './raw-appends.ts'
import { startSpoolSystem } from './spool-system.ts'

const GOAL = 3
const FIRST_STREAMS = 100

type Others = Record<string, Knee | null | { missing: string }>

export async function measureKnees({ sync, quick }: Setting): Promise<readonly Figure[]> {
  const asked: KneeAsked = { tokensPerSecond: 50, firstStreams: FIRST_STREAMS, resumed: false, quick }
  const start = () => startSpoolSystem(sync)
  const live = await measureKnee(start, asked)
  const besideLive = await knees(PEERS, asked)
  // For the others a reader that came back is like one that never left; here it reads from Redis what comes to one that
  // never left from the process that makes it.
  const resumed = { ...asked, resumed: true }
  const came = await measureKnee(start, resumed)
  const besideResumed = await knees(PEERS.slice(0, 1), resumed)
  return [
    tokensFigure('live', sync, live, besideLive),
    tokensFigure('resumed', sync, came, besideResumed),
    await eventsFigure(sync, live, quick),
  ]
}

async function knees(all: readonly Peer[], asked: KneeAsked): Promise<Others> {
  const found: Others = {}
  for (const peer of all) {
    const outcome = await unlessMissing(() => kneeOf(peer, asked))
    found[peer.name] = 'found' in outcome ? outcome.found : outcome
  }
  return found
}

/** In the way in which it holds the most: another one is not looked into where it does not hold as much. */
async function kneeOf({ ways }: Peer, asked: KneeAsked): Promise<Knee | null> {
  let best: Knee | null = null
  for (const start of asked.quick ? ways.slice(0, 1) : ways) {
    const beaten: number | undefined = best?.streams
    const firstStreams = beaten ?? asked.firstStreams
    const found: Knee | null = await measureKnee(start, { ...asked, firstStreams, leastStreams: beaten })
    if (found !== null && found.tokensPerSecond > (best?.tokensPerSecond ?? 0)) best = found
  }
  return best
}

function tokensFigure(reader: 'live' | 'resumed', sync: Sync, spool: Knee | null, others: Others): Figure {
  const beside = Object.fromEntries(Object.entries(others).map(([name, knee]) => [name, shown(knee)]))
  const better = Math.max(0, ...Object.values(beside).map((rates) => rates?.['most'] ?? 0))
  const ours = spool?.tokensPerSecond ?? 0
  const remarks = Object.entries({ spool, ...others }).map(([name, knee]) => `${name}: ${remark(knee)}`)
  return {
    what: `tokens/s delivered before p99 passes 250 ms, streams of 50 tokens/s, ${reader}`,
    unit: 'tokens/s',
    sync,
    spool: { most: ours },
    beside,
    ...(sync === 'default' &&
      reader === 'live' && {
        asked: { text: `${GOAL} x the better of the others`, reached: better > 0 && ours >= GOAL * better },
      }),
    note: `per cent of a core: ${remarks.join('; ')}`,
  }
}

/** Where nothing is shown it could not be measured; 0: not even the first load held. */
function shown(knee: Knee | null | { missing: string }): Record<string, number> | null {
  if (knee === null) return { most: 0 }
  return 'missing' in knee ? null : { most: knee.tokensPerSecond }
}

function remark(knee: Knee | null | { missing: string }): string {
  if (knee === null) return 'did not hold the first load'
  if ('missing' in knee) return knee.missing
  const set = knee.set === undefined ? '' : `, ${knee.set}`
  return `${cpuLine(knee)} (${knee.streams} streams, p99 ${Math.round(knee.p99)} ms${set})`
}

async function eventsFigure(sync: Sync, spool: Knee | null, quick: boolean): Promise<Figure> {
  const alone = await measureRawAppends(sync, false, quick)
  const withAccounts = await measureRawAppends(sync, true, quick)
  return {
    what: 'the same in events/s: under load several tokens are merged into one event',
    unit: 'events/s',
    sync,
    spool: { most: spool?.eventsPerSecond ?? 0 },
    beside: {
      'nats-server alone': { most: alone },
      'nats-server, with accounts': { most: withAccounts },
    },
    note: 'nats-server alone: chained appends over 500 sessions from one process, nobody reads; with the accounts of Spool',
  }
}

if (import.meta.main) await measured(measureKnees)
