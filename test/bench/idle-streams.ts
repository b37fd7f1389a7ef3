/**
 * What a gateway holds in memory for streams on which nothing happens, beside a Node server that holds as many and does
 * nothing else: `npm run bench:idle -- [streams] [times]`. Resident memory after the garbage was collected, same Node,
 * same flags, in turns. Once with one session that all of them watch, once with one session for each.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from './crowd.ts'
import { report, writeFigures } from './figures.ts'
import { startGatewayAlone } from './gateway-alone.ts'
import { ServerProcess } from './server-process.ts'

const [streams = 10_000, times = 3] = process.argv.slice(2).map(Number)
/** So many ask at once. */
const AT_ONCE = 500

interface Held {
  /** Before anybody came, and with all of them. */
  empty: number
  full: number
  heap: number
}

async function measure(server: ServerProcess, key: string, paths: readonly string[]): Promise<Held> {
  const empty = (await server.memory()).rss
  const crowd = new Crowd()
  try {
    for (let first = 0; first < streams; first += AT_ONCE) {
      const count = Math.min(AT_ONCE, streams - first)
      crowd.open(server.url, key, paths, count, first)
      await crowd.until('the streams are open', ({ opened }) => opened === first + count)
    }
    // Past the first keep-alives, and what is kept for those who come back at once.
    await sleep(17_000)
    await server.memory()
    await sleep(1000)
    const { rss, heapUsed } = await server.memory()
    return { empty, full: rss, heap: heapUsed }
  } finally {
    crowd.stop()
  }
}

async function bare(): Promise<Held> {
  const server = await ServerProcess.start(new URL('bare-server.mjs', import.meta.url))
  try {
    return await measure(server, 'none', ['/'])
  } finally {
    await server.kill()
  }
}

async function gateway(sessions: number): Promise<Held> {
  const alone = await startGatewayAlone()
  try {
    const names = Array.from({ length: sessions }, (_, index) => `idle-${index}`)
    for (let at = 0; at < sessions; at += 100)
      await Promise.all(names.slice(at, at + 100).map((name) => alone.session(name)))
    return await measure(
      alone.gateway,
      alone.key,
      names.map((name) => `/v1/sessions/${name}/events`),
    )
  } finally {
    await alone.stop()
  }
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1]!
const MiB = (bytes: number) => (bytes / 1024 ** 2).toFixed(0)

const held = { bare: [] as Held[], one: [] as Held[], each: [] as Held[] }
for (let round = 0; round < times; round++) {
  held.bare.push(await bare())
  held.one.push(await gateway(1))
  held.each.push(await gateway(streams))
}
const full = (all: readonly Held[]) => median(all.map((one) => one.full))
const say = (what: string, all: readonly Held[], asked = '') => {
  const empty = median(all.map((one) => one.empty))
  const each = (full(all) - empty) / streams / 1024
  report(what, `${MiB(full(all))} MiB (${MiB(empty)} + ${each.toFixed(1)} KiB each)`)
  report('  of it heap', `${MiB(median(all.map((one) => one.heap)))} MiB`)
  if (all !== held.bare) report('  times the bare server', (full(all) / full(held.bare)).toFixed(2), asked)
}
say(`a bare server with ${streams} streams`, held.bare)
say(`a gateway with ${streams} streams of one session`, held.one, '1.3')
say(`a gateway with ${streams} streams of a session each`, held.each)
writeFigures()
process.exit(0)
