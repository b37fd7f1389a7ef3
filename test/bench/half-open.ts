/**
 * How long it takes to notice clients that are gone without a word. They are in a network namespace whose link is cut: one
 * on whose stream nothing happens, one that is sent events, one that has stopped reading a moment before. One more has
 * only stopped reading, and keeps its stream. Linux, as root, with iproute2.
 */
import { execFileSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from './crowd.ts'
import type { Figure, Setting } from './figure.ts'
import { type GatewayAlone, startGatewayAlone } from './gateway-alone.ts'
import { CannotMeasure, measured } from './measuring.ts'
import { Ticking } from './ticking.ts'

const NAMESPACE = `spool-${process.pid}`
const [OUTER, INNER] = [`so${process.pid}`, `si${process.pid}`]
/** Of the block that RFC 2544 keeps free for benches. */
const [OUTER_ADDRESS, INNER_ADDRESS] = ['198.18.77.1', '198.18.77.2']
const ASKED_SECONDS = 60

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] })

function makeNamespace(): void {
  const taken = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  if (taken.some(({ address }) => address.startsWith('198.18.')))
    throw new CannotMeasure('198.18.0.0/15 is in use here.')
  try {
    ip('netns', 'add', NAMESPACE)
  } catch (error) {
    throw new CannotMeasure(`No network namespace can be made here: ${(error as Error).message}`)
  }
  ip('link', 'add', OUTER, 'type', 'veth', 'peer', 'name', INNER, 'netns', NAMESPACE)
  ip('addr', 'add', `${OUTER_ADDRESS}/30`, 'dev', OUTER)
  ip('link', 'set', OUTER, 'up')
  ip('-n', NAMESPACE, 'addr', 'add', `${INNER_ADDRESS}/30`, 'dev', INNER)
  ip('-n', NAMESPACE, 'link', 'set', INNER, 'up')
}

function removeNamespace(): void {
  try {
    ip('netns', 'delete', NAMESPACE)
  } catch {
    // It was never made, and said so.
  }
}

/** Longer than anybody who is gone is kept. */
const WATCHED_MS = 90_000

/** Quick, it shows only that it runs: nobody is missed within a second. */
export async function measureHalfOpen({ quick, sync }: Setting): Promise<Figure[]> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) throw new CannotMeasure('It takes Linux, and root.')
  // Also where this is broken off.
  process.once('exit', removeNamespace)
  makeNamespace()
  const crowds: Crowd[] = []
  let alone: GatewayAlone | undefined
  try {
    alone = await startGatewayAlone({ HOST: OUTER_ADDRESS })
    const { endedMs, left } = await cut(alone, crowds, quick ? 1000 : WATCHED_MS)
    const seconds = endedMs.map((ms) => ms / 1000)
    const noticed = Object.fromEntries(seconds.map((each, at) => [`${at + 1}.`, each]))
    return [
      {
        what: 'streams of three clients whose link was cut, ended after',
        unit: 's',
        sync,
        spool: noticed,
        beside: {},
        ...(!quick && {
          asked: { text: '60 s', reached: seconds.length === 3 && seconds.every((each) => each <= ASKED_SECONDS) },
        }),
      },
      {
        what: 'streams left: of the one that does not read',
        unit: 'count',
        sync,
        spool: { streams: left },
        beside: {},
        ...(!quick && { asked: { text: '1', reached: left === 1 } }),
      },
    ]
  } finally {
    for (const crowd of crowds) crowd.stop()
    await alone?.stop()
  }
}

/** Until the streams of the three were ended, and how many are left. */
async function cut(
  alone: GatewayAlone,
  crowds: Crowd[],
  watchedMs: number,
): Promise<{ endedMs: number[]; left: number }> {
  const watch = async (session: string, namespace?: string): Promise<Crowd> => {
    const crowd = new Crowd(namespace)
    crowds.push(crowd)
    crowd.open(alone.gateway.url, alone.key, [`/v1/sessions/${session}/events`], 1)
    await crowd.until(`somebody watches ${session}`, ({ least }) => least > 0)
    return crowd
  }
  const openStreams = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${alone.key}` }
    const response = await fetch(`${alone.gateway.url}/v1/status`, { headers })
    return ((await response.json()) as { open_streams: number }).open_streams
  }
  await alone.session('idle')
  const busy = await alone.session('busy')
  const much = await alone.session('much')
  await watch('idle', NAMESPACE)
  await watch('busy', NAMESPACE)
  const stalled = [await watch('much', NAMESPACE), await watch('much')]
  for (const crowd of stalled) crowd.stopReading()
  // More than the buffers of a connection hold.
  const flood = new Ticking(much, 2000)
  await sleep(watchedMs < WATCHED_MS ? 1000 : 15_000)
  await flood.stop()
  const ticking = new Ticking(busy, 50)
  await sleep(2000)
  if ((await openStreams()) !== 4) throw new Error('not all four are open')
  ip('-n', NAMESPACE, 'link', 'set', INNER, 'down')
  const cutAt = performance.now()
  const endedMs: number[] = []
  while (performance.now() - cutAt < watchedMs) {
    await sleep(200)
    const open = await openStreams()
    while (4 - open > endedMs.length) endedMs.push(performance.now() - cutAt)
  }
  await ticking.stop()
  return { endedMs, left: await openStreams() }
}

if (import.meta.main) await measured(measureHalfOpen)
