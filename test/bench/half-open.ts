/**
 * How long it takes to notice clients that are gone without a word: `npm run bench:half-open`. They are in a network
 * namespace whose link is cut: one on whose stream nothing happens, one that is sent events, one that has stopped reading
 * a moment before. One more has only stopped reading, and keeps its stream. Linux, as root, with iproute2.
 */
import { execFileSync } from 'node:child_process'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from './crowd.ts'
import { report, writeFigures } from './figures.ts'
import { startGatewayAlone } from './gateway-alone.ts'
import { Ticking } from './ticking.ts'

const NAMESPACE = `spool-${process.pid}`
const [OUTER, INNER] = [`so${process.pid}`, `si${process.pid}`]
/** Of the block that RFC 2544 keeps free for benches. */
const [OUTER_ADDRESS, INNER_ADDRESS] = ['198.18.77.1', '198.18.77.2']
const ASKED_MS = 60_000
/** Longer than anybody who is gone is kept. */
const WATCHED_MS = 90_000

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'inherit'] })

function makeNamespace(): void {
  const taken = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  if (taken.some(({ address }) => address.startsWith('198.18.'))) throw new Error('198.18.0.0/15 is in use here')
  ip('netns', 'add', NAMESPACE)
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

makeNamespace()
const alone = await startGatewayAlone({ HOST: OUTER_ADDRESS })
const crowds: Crowd[] = []

async function watch(session: string, namespace?: string): Promise<Crowd> {
  const crowd = new Crowd(namespace)
  crowds.push(crowd)
  crowd.open(alone.gateway.url, alone.key, [`/v1/sessions/${session}/events`], 1)
  await crowd.until(`somebody watches ${session}`, ({ least }) => least > 0)
  return crowd
}

async function openStreams(): Promise<number> {
  const headers = { authorization: `Bearer ${alone.key}` }
  const response = await fetch(`${alone.gateway.url}/v1/status`, { headers })
  return ((await response.json()) as { open_streams: number }).open_streams
}

try {
  await alone.session('idle')
  const busy = await alone.session('busy')
  const much = await alone.session('much')
  await watch('idle', NAMESPACE)
  await watch('busy', NAMESPACE)
  const stalled = [await watch('much', NAMESPACE), await watch('much')]
  for (const crowd of stalled) crowd.stopReading()
  // More than the buffers of a connection hold.
  const flood = new Ticking(much, 2000)
  await sleep(15_000)
  await flood.stop()
  const ticking = new Ticking(busy, 50)
  await sleep(2000)
  if ((await openStreams()) !== 4) throw new Error('not all four are open')
  ip('-n', NAMESPACE, 'link', 'set', INNER, 'down')
  const cutAt = performance.now()
  const endedMs: number[] = []
  while (performance.now() - cutAt < WATCHED_MS) {
    await sleep(200)
    const open = await openStreams()
    while (4 - open > endedMs.length) endedMs.push(performance.now() - cutAt)
  }
  await ticking.stop()
  const seconds = endedMs.map((ms) => `${(ms / 1000).toFixed(1)} s`).join('  ')
  report('streams of the three whose link was cut ended after', seconds, `${ASKED_MS / 1000} s`)
  report('streams left: of the one that does not read', String(await openStreams()), '1')
} finally {
  for (const crowd of crowds) crowd.stop()
  await alone.stop()
  removeNamespace()
}
writeFigures()
process.exit(0)
