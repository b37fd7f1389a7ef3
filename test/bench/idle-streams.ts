/**
 * What a gateway holds in memory for streams on which nothing happens, beside a Node `http` server that holds as many and
 * does nothing else. Resident memory after the garbage was collected, same Node, same flags, in turns. Once with one
 * session that all of them watch, once with one session for each.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { garbageFlags } from '../../infra/dev/src/launcher/garbage-flags.ts'
import { Crowd } from './crowd.ts'
import type { Figure, Setting } from './figure.ts'
import { startGatewayAlone } from './gateway-alone.ts'
import { measured } from './measuring.ts'
import { ServerProcess } from './server-process.ts'

/** So many ask at once. */
const AT_ONCE = 500
const MOST_TIMES_BARE = 1.3

interface Size {
  streams: number
  /** Past the first keep-alives, and what is kept for those who come back at once. */
  settleMs: number
}

interface Held {
  /** Before anybody came, and with all of them. */
  empty: number
  full: number
  heap: number
}

async function held(
  server: ServerProcess,
  key: string,
  paths: readonly string[],
  { streams, settleMs }: Size,
): Promise<Held> {
  const empty = (await server.memory()).rss
  const crowd = new Crowd()
  try {
    for (let first = 0; first < streams; first += AT_ONCE) {
      const count = Math.min(AT_ONCE, streams - first)
      crowd.open(server.url, key, paths, count, first)
      await crowd.until('the streams are open', ({ opened }) => opened === first + count)
    }
    await sleep(settleMs)
    await server.memory()
    await sleep(1000)
    const { rss, heapUsed } = await server.memory()
    return { empty, full: rss, heap: heapUsed }
  } finally {
    crowd.stop()
  }
}

async function heldByBare(size: Size): Promise<Held> {
  const server = await ServerProcess.start(new URL('bare-server.mjs', import.meta.url), {}, garbageFlags())
  try {
    return await held(server, 'none', ['/'], size)
  } finally {
    await server.kill()
  }
}

async function heldByGateway(sessions: number, size: Size): Promise<Held> {
  const alone = await startGatewayAlone()
  try {
    const names = Array.from({ length: sessions }, (_, index) => `idle-${index}`)
    for (let at = 0; at < sessions; at += 100)
      await Promise.all(names.slice(at, at + 100).map((name) => alone.session(name)))
    return await held(
      alone.gateway,
      alone.key,
      names.map((name) => `/v1/sessions/${name}/events`),
      size,
    )
  } finally {
    await alone.stop()
  }
}

export async function measureIdleStreams({ quick, sync }: Setting): Promise<Figure[]> {
  const size = quick ? { streams: 500, settleMs: 1000 } : { streams: 10_000, settleMs: 17_000 }
  const bare = await heldByBare(size)
  const figureOf = async (what: string, sessions: number, asked: boolean): Promise<Figure[]> => {
    const ours = await heldByGateway(sessions, size)
    const whole = `memory of a gateway with ${size.streams.toLocaleString('en')} idle streams ${what}`
    const reached = ours.full <= MOST_TIMES_BARE * bare.full
    return [
      {
        what: whole,
        unit: 'MiB',
        sync,
        spool: inMiB(ours),
        beside: { 'bare Node server': inMiB(bare) },
        ...(asked && { asked: { text: `at most ${MOST_TIMES_BARE} times the bare server`, reached } }),
      },
      {
        what: `  of it for each stream`,
        unit: 'KiB',
        sync,
        spool: { each: eachKiB(ours, size) },
        beside: { 'bare Node server': { each: eachKiB(bare, size) } },
      },
    ]
  }
  return [...(await figureOf('of one session', 1, true)), ...(await figureOf('of a session each', size.streams, false))]
}

const inMiB = ({ full, heap }: Held) => ({ resident: full / 1024 ** 2, heap: heap / 1024 ** 2 })
const eachKiB = ({ empty, full }: Held, { streams }: Size) => (full - empty) / streams / 1024

if (import.meta.main) await measured(measureIdleStreams)
