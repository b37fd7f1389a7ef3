/**
 * Many clients are cut at once and come back at once, each with the last id that it saw, while events go on:
 * `npm run bench:storm -- [clients] [events/s] [times]`. A client is back and complete with the first event that was made
 * after its new stream began: what it missed has come before that, in the order of the chain, or it counts as a fault.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from './crowd.ts'
import { report, writeFigures } from './figures.ts'
import { startGatewayAlone } from './gateway-alone.ts'
import { Ticking, tick } from './ticking.ts'

const [clients = 2000, perSecond = 50, times = 5] = process.argv.slice(2).map(Number)
/** So that a gateway that is new must read what the clients have missed. */
const HISTORY = 1000

const now = () => performance.timeOrigin + performance.now()
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!

const alone = await startGatewayAlone({ LOG_LEVEL: 'info' })
const crowd = new Crowd()
const paths = ['/v1/sessions/stormy/events']

interface Storm {
  headsMs: number
  completeMs: number
}

async function storm(begin: () => Promise<number> | number): Promise<Storm> {
  const startedAt = await begin()
  const back = await crowd.until('all are back', ({ live }) => live === clients)
  return { headsMs: back.lastOpenedAt - startedAt, completeMs: back.lastLiveAt - startedAt }
}

function say(what: string, storms: readonly Storm[]): void {
  const of = (pick: (storm: Storm) => number) => {
    const all = storms.map(pick)
    return `${(median(all) / 1000).toFixed(2)} s, worst ${(Math.max(...all) / 1000).toFixed(2)} s`
  }
  report(
    `${what}: all have an answer (${storms.length} times)`,
    of((one) => one.headsMs),
  )
  report(
    `${what}: all are complete`,
    of((one) => one.completeMs),
    '5 s',
  )
}

try {
  const writer = await alone.session('stormy')
  for (let i = 0; i < HISTORY; i++) await tick(writer)
  const ticking = new Ticking(writer, perSecond)
  const open = () => crowd.open(alone.gateway.url, alone.key, paths, clients)
  const first = await storm(() => {
    open()
    return now()
  })
  await sleep(3000)
  const cuts: Storm[] = []
  for (let i = 0; i < times; i++) {
    cuts.push(
      await storm(() => {
        const at = now()
        crowd.cut()
        open()
        return at
      }),
    )
    await sleep(3000)
  }
  const restarts: Storm[] = []
  for (let i = 0; i < times; i++) {
    let readyAt = 0
    restarts.push(
      await storm(async () => {
        crowd.cut()
        await alone.restart()
        readyAt = now()
        open()
        return readyAt
      }),
    )
    await sleep(3000)
  }
  await ticking.stop()
  const { faults } = await crowd.until('all have the last event', ({ least }) => least === ticking.position)
  say(`${clients} clients with ${HISTORY} events to catch up come at once`, [first])
  say(`${clients} clients cut at once`, cuts)
  say(`${clients} clients after the gateway was killed, from its start on`, restarts)
  report('events that did not follow, answers that were no streams', String(faults), '0')
} finally {
  crowd.stop()
  await alone.stop()
}
writeFigures()
process.exit(0)
