/**
 * Many clients are cut at once and come back at once, each with the last id that it saw, while events go on; beside a bare
 * Node loop that sends them what they missed out of its memory. A client is back and complete with the first event that was
 * made after its new stream began: what it missed has come before that, in the order of the chain, or it counts as a fault.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figure, Setting } from './figure.ts'
import { measured } from './measuring.ts'
import { share } from './statistics.ts'
import { watchedInBareLoop, watchedInSpool, type WatchedSession } from './watched-session.ts'

/** So that a gateway that is new must read what the clients have missed. */
const HISTORY_SECONDS = 2
const HISTORY_PER_SECOND = 500
const PER_SECOND = 50
const MOST_MS = 5000

interface Storm {
  headsMs: number
  completeMs: number
}

interface Storms {
  first: Storm[]
  cuts: Storm[]
  /** Only of Spool: a loop that was killed has lost its events. */
  restarts: Storm[]
  faults: number
}

const now = () => performance.timeOrigin + performance.now()

export async function measureReconnectStorm({ quick, sync }: Setting): Promise<Figure[]> {
  const clients = quick ? 200 : 2000
  const size = { clients, times: quick ? 1 : 5, pauseMs: quick ? 300 : 2000 }
  const spool = await watchedInSpool()
  const ours = await stormsOn(spool, { ...size, restart: () => spool.alone.restart() })
  const bare = await stormsOn(await watchedInBareLoop(true), size)
  const many = clients.toLocaleString('en')
  const figureOf = (what: string, of: (storms: Storms) => readonly Storm[]): Figure => ({
    what: `${many} clients ${what}`,
    unit: 'ms',
    sync,
    spool: times(of(ours)),
    beside: of(bare).length === 0 ? {} : { 'bare loop': times(of(bare)) },
    asked: { text: 'all complete within 5 s', reached: of(ours).every(({ completeMs }) => completeMs <= MOST_MS) },
  })
  return [
    figureOf('come at once, with 1,000 events to catch up', ({ first }) => first),
    figureOf(`are cut at once and come back, ${size.times} times`, ({ cuts }) => cuts),
    figureOf(`after the gateway was killed, from its new start on, ${size.times} times`, ({ restarts }) => restarts),
    {
      what: `${many} clients that come back: events that did not follow, answers that were no streams`,
      unit: 'count',
      sync,
      spool: { faults: ours.faults },
      beside: { 'bare loop': { faults: bare.faults } },
      asked: { text: '0', reached: ours.faults === 0 },
    },
  ]
}

/** Until all have an answer, until all are complete, and the longest that took. */
function times(storms: readonly Storm[]): Record<string, number> {
  const complete = storms.map(({ completeMs }) => completeMs)
  const heads = share(
    storms.map(({ headsMs }) => headsMs),
    0.5,
  )
  return { answered: heads, complete: share(complete, 0.5), worst: Math.max(...complete) }
}

interface Asked {
  clients: number
  times: number
  pauseMs: number
  restart?: () => Promise<void>
}

async function stormsOn(session: WatchedSession, { clients, times: rounds, pauseMs, restart }: Asked): Promise<Storms> {
  const { crowd } = session
  const storm = async (begin: () => void, before?: () => Promise<void>): Promise<Storm> => {
    await before?.()
    const startedAt = now()
    begin()
    const back = await crowd.until('all are back', ({ live }) => live === clients)
    await sleep(pauseMs)
    return { headsMs: back.lastOpenedAt - startedAt, completeMs: back.lastLiveAt - startedAt }
  }
  try {
    await session.begin(HISTORY_PER_SECOND)
    await sleep(HISTORY_SECONDS * 1000)
    await session.end()
    await session.begin(PER_SECOND)
    const first = [await storm(() => session.open(clients))]
    const cuts: Storm[] = []
    for (let round = 0; round < rounds; round++) {
      cuts.push(
        await storm(() => {
          crowd.cut()
          session.open(clients)
        }),
      )
    }
    const restarts: Storm[] = []
    for (let round = 0; round < (restart === undefined ? 0 : rounds); round++) {
      const kill = async () => {
        crowd.cut()
        await restart?.()
      }
      restarts.push(await storm(() => session.open(clients), kill))
    }
    const last = await session.end()
    const { faults } = await crowd.until('all have the last event', ({ least }) => least === last)
    return { first, cuts, restarts, faults }
  } finally {
    await session.stop()
  }
}

if (import.meta.main) await measured(measureReconnectStorm)
