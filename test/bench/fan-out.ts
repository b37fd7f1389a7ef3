/**
 * One session watched by many, beside a bare Node loop that writes the same bytes to as many sockets. How many deliveries
 * a second does each sustain, each event late by less than 250 ms at 99 of 100 clients from when it was due, and what
 * does a delivery cost at a rate that all sustain? By turns; load, NATS and all servers share this machine.
 */
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { MostSustained } from './most-sustained.ts'
import { type Delivered, delivered, watchedInBareLoop, watchedInSpool, type WatchedSession } from './watched-session.ts'

const MOST_LATE_MS = 250
const FAR_TOO_LATE_MS = 500
const SHARE_ASKED = 0.75
/** Of the events that are due; what is below has fallen behind. */
const HELD_SHARE = 0.97
const STEADY_PER_SECOND = 50
/** Near to what each sustains on two cores, so that it is found soon. */
const FIRST_PER_SECOND: Readonly<Record<string, number>> = { spool: 400, 'bare loop': 80, 'bare loop, merging': 400 }

interface Span {
  warmMs: number
  seconds: number
}

export async function measureFanOut({ quick, sync }: Setting): Promise<Figure[]> {
  const clients = quick ? 200 : 2000
  const span = quick ? { warmMs: 500, seconds: 1 } : { warmMs: 800, seconds: 2 }
  const sessions: WatchedSession[] = []
  try {
    sessions.push(await watchedInSpool(), await watchedInBareLoop(false), await watchedInBareLoop(true))
    for (const session of sessions) {
      session.open(clients)
      await session.crowd.until('all are there', ({ opened }) => opened === clients)
      // Nobody measures what is compiled for the first time.
      await delivered(session, STEADY_PER_SECOND, span)
    }
    const steady: Delivered[] = []
    for (const session of sessions) {
      steady.push(await delivered(session, STEADY_PER_SECOND, { ...span, seconds: span.seconds * 2 }))
    }
    const most = await mostOf(sessions, clients, quick ? 2 : Infinity, span)
    return figuresOf(clients, sync, steady, most)
  } finally {
    await Promise.all(sessions.map((session) => session.stop()))
  }
}

function figuresOf(clients: number, sync: Setting['sync'], steady: readonly Delivered[], most: readonly number[]) {
  const what = `one session to ${clients.toLocaleString('en')} clients`
  const [ours, bare] = steady as [Delivered, Delivered]
  const [most_, bareMost, mergingMost] = most.map((rate) => ({ most: rate * clients, 'events/s': rate }))
  const figures: Figure[] = [
    {
      what: `${what}: most deliveries/s, p99 under ${MOST_LATE_MS} ms`,
      unit: 'deliveries/s',
      sync,
      spool: most_!,
      beside: { 'bare loop': bareMost!, 'bare loop, merging': mergingMost! },
      asked: {
        text: '75 % of either bare loop',
        reached: most_!.most >= SHARE_ASKED * Math.max(bareMost!.most, mergingMost!.most),
      },
      note: 'Spool writes in one piece what has come together for a client. Of the loops one does so, and one writes each event.',
    },
    {
      what: `${what}, ${STEADY_PER_SECOND} events/s: processor time of a delivery`,
      unit: 'µs',
      sync,
      spool: { server: ours.cpuUs, 'with NATS': ours.cpuUsWithAll },
      beside: { 'bare loop': { server: bare.cpuUs } },
      asked: { text: '75 % of what the bare loop delivers for it', reached: bare.cpuUs >= SHARE_ASKED * ours.cpuUs },
    },
    {
      what: `${what}, ${STEADY_PER_SECOND} events/s: late by`,
      unit: 'ms',
      sync,
      spool: lateness(ours),
      beside: { 'bare loop': lateness(bare) },
      asked: { text: 'the p99 of each client under 250 ms', reached: ours.worstClientP99 < MOST_LATE_MS },
    },
    {
      what: `${what}: events that did not follow`,
      unit: 'count',
      sync,
      spool: { faults: ours.faults },
      beside: { 'bare loop': { faults: bare.faults } },
      asked: { text: '0', reached: ours.faults === 0 },
    },
  ]
  return figures
}

const lateness = ({ p50, p99, worstClientP99 }: Delivered) => ({ p50, p99, 'worst client': worstClientP99 })

/** Events per second that each sustains, by turns: whatever else goes on in this machine concerns all. */
async function mostOf(sessions: readonly WatchedSession[], clients: number, rounds: number, span: Span) {
  const searches = sessions.map((session) => ({ session, search: new MostSustained(FIRST_PER_SECOND[session.name]!) }))
  for (let round = 0; round < rounds; round++) {
    const open = searches.filter(({ search }) => search.next !== null)
    if (open.length === 0) break
    for (const { session, search } of open) {
      const rate = search.next!
      const { perSecond, p99 } = await delivered(session, rate, span)
      const told = `${Math.round(perSecond)} deliveries/s, p99 ${p99.toFixed(0)} ms`
      process.stderr.write(`  ${session.name}, ${rate} events/s: ${told}\n`)
      const held = p99 < MOST_LATE_MS && perSecond >= rate * clients * HELD_SHARE
      search.tried(held, p99 > FAR_TOO_LATE_MS)
    }
  }
  return searches.map(({ search }) => search.highest)
}

if (import.meta.main) await measured(measureFanOut)
