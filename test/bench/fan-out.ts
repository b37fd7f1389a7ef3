/**
 * One session watched by many, beside a bare Node loop that writes the same bytes to as many sockets. How many deliveries
 * a second does each sustain, each event late by less than 250 ms at 99 of 100 clients from when it was due, and what
 * does a delivery cost at the same rate? By turns; load, NATS and both servers share this machine.
 */
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { MostSustained } from './most-sustained.ts'
import { type Delivered, delivered, watchedInBareLoop, watchedInSpool, type WatchedSession } from './watched-session.ts'

const MOST_LATE_MS = 250
const SHARE_ASKED = 0.75
/** Of the events that are due; what is below has fallen behind. */
const HELD_SHARE = 0.97
const STEADY_PER_SECOND = 50

export async function measureFanOut({ quick, sync }: Setting): Promise<Figure[]> {
  const clients = quick ? 200 : 2000
  const span = quick ? { warmMs: 500, seconds: 1 } : { warmMs: 1500, seconds: 3 }
  const both = [await watchedInSpool(), await watchedInBareLoop()]
  try {
    for (const session of both) {
      session.open(clients)
      await session.crowd.until('all are there', ({ opened }) => opened === clients)
      // Nobody measures what is compiled for the first time.
      await delivered(session, STEADY_PER_SECOND, span)
    }
    const steady: Delivered[] = []
    for (const session of both)
      steady.push(await delivered(session, STEADY_PER_SECOND, { ...span, seconds: span.seconds * 3 }))
    const [ours, bare] = steady as [Delivered, Delivered]
    const [most, bareMost] = (await mostOf(both, clients, quick, span)) as [number, number]
    const what = `one session to ${clients.toLocaleString('en')} clients`
    return [
      {
        what: `${what}: most deliveries/s, p99 under ${MOST_LATE_MS} ms`,
        unit: 'deliveries/s',
        sync,
        spool: { most: most * clients },
        beside: { 'bare loop': { most: bareMost * clients } },
        asked: { text: '75 % of the bare loop', reached: most >= SHARE_ASKED * bareMost },
        note: `${most} events/s, and ${bareMost} of the bare loop.`,
      },
      {
        what: `${what}, ${STEADY_PER_SECOND} events/s: processor time of a delivery`,
        unit: 'µs',
        sync,
        spool: { server: ours.cpuUs, 'with NATS': ours.cpuUsWithAll },
        beside: { 'bare loop': { server: bare.cpuUs } },
      },
      {
        what: `${what}, ${STEADY_PER_SECOND} events/s: late by`,
        unit: 'ms',
        sync,
        spool: { p50: ours.p50, p99: ours.p99, 'worst client p99': ours.worstClientP99 },
        beside: { 'bare loop': { p50: bare.p50, p99: bare.p99, 'worst client p99': bare.worstClientP99 } },
        asked: { text: 'p99 of each client under 250 ms', reached: ours.worstClientP99 < MOST_LATE_MS },
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
  } finally {
    await Promise.all(both.map((session) => session.stop()))
  }
}

/** Events per second that each sustains, by turns: whatever else goes on in this machine concerns both. */
async function mostOf(
  both: readonly WatchedSession[],
  clients: number,
  quick: boolean,
  span: { warmMs: number; seconds: number },
): Promise<number[]> {
  const searches = both.map((session) => ({ session, search: new MostSustained(STEADY_PER_SECOND) }))
  for (let round = 0; round < (quick ? 2 : Infinity); round++) {
    const open = searches.filter(({ search }) => search.next !== null)
    if (open.length === 0) break
    for (const { session, search } of open) {
      const rate = search.next!
      const { perSecond, p99 } = await delivered(session, rate, span)
      const held = p99 < MOST_LATE_MS && perSecond >= rate * clients * HELD_SHARE
      process.stderr.write(
        `  ${session.name} ${rate}/s: ${Math.round(perSecond)} deliveries/s, p99 ${p99.toFixed(0)} ms\n`,
      )
      search.tried(held)
    }
  }
  return searches.map(({ search }) => search.highest)
}

if (import.meta.main) await measured(measureFanOut)
