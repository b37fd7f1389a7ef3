import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMsOf } from './cpu-time.ts'
import { Crowd } from './crowd.ts'
import { type GatewayAlone, startGatewayAlone } from './gateway-alone.ts'
import { ServerProcess } from './server-process.ts'
import { Ticking } from './ticking.ts'

/** One session that many watch, and who watches it: Spool's, or that of a loop which writes the same bytes. */
export interface WatchedSession {
  readonly name: string
  readonly crowd: Crowd
  /** Of the server that the clients are connected to. */
  readonly pid: number
  /** Of all that stands behind it, too. */
  readonly pids: readonly number[]
  /** So many come, and come back when they are cut. */
  open(clients: number): void
  /** Events are made from now on, at this rate. */
  begin(perSecond: number): Promise<void>
  /** No more. Gives back the position of the last one. */
  end(): Promise<number>
  stop(): Promise<void>
}

export async function watchedInSpool(alone?: GatewayAlone): Promise<WatchedSession & { alone: GatewayAlone }> {
  const system = alone ?? (await startGatewayAlone({ LOG_LEVEL: 'info' }))
  const writer = await system.session('watched')
  const crowd = new Crowd()
  let ticking: Ticking | undefined
  return {
    name: 'spool',
    crowd,
    alone: system,
    get pid() {
      return system.gateway.pid
    },
    get pids() {
      return [system.gateway.pid, system.nats.pid]
    },
    open: (clients) => crowd.open(system.gateway.url, system.key, ['/v1/sessions/watched/events'], clients),
    async begin(perSecond) {
      ticking = new Ticking(writer, perSecond)
    },
    async end() {
      await ticking!.stop()
      return writer.position
    },
    async stop() {
      crowd.stop()
      await system.stop()
    },
  }
}

/** @param merging what has come together meanwhile is written in one piece, as Spool does it */
export async function watchedInBareLoop(merging: boolean): Promise<WatchedSession> {
  const server = await ServerProcess.start(new URL('bare-loop.ts', import.meta.url))
  const crowd = new Crowd()
  const pace = (perSecond: number) => server.ask<{ position: number }>({ perSecond, merging })
  return {
    name: merging ? 'bare loop, merging' : 'bare loop',
    crowd,
    pid: server.pid,
    pids: [server.pid],
    open: (clients) => crowd.open(server.url, 'none', ['/'], clients),
    begin: async (perSecond) => void (await pace(perSecond)),
    end: async () => (await pace(0)).position,
    async stop() {
      crowd.stop()
      await server.kill()
    },
  }
}

export interface Delivered {
  /** To all clients together. */
  perSecond: number
  /** Per event and client. */
  p50: number
  p99: number
  /** Of the client that has the worst. */
  worstClientP99: number
  faults: number
  /** Of the server alone, and of all that stands behind it, too. */
  cpuUs: number
  cpuUsWithAll: number
}

/** A rate that is far too high leaves gigabytes to be read. */
const DRAINED_WITHIN_MS = 180_000

/** The events of a while, as the clients had them. Ends when all have all. */
export async function delivered(
  session: WatchedSession,
  perSecond: number,
  { warmMs, seconds }: { warmMs: number; seconds: number },
): Promise<Delivered> {
  const { crowd, pid, pids } = session
  const cpu = () => [cpuMsOf(pid), pids.reduce((sum, one) => sum + cpuMsOf(one), 0)] as const
  await session.begin(perSecond)
  await sleep(warmMs)
  const [before, startedAt] = [cpu(), performance.now()]
  await crowd.report(true)
  await sleep(seconds * 1000)
  const [after, elapsedMs] = [cpu(), performance.now() - startedAt]
  const { lateness } = await crowd.report(true)
  const last = await session.end()
  const { faults } = await crowd.until('all have the last event', ({ least }) => least === last, DRAINED_WITHIN_MS)
  await crowd.report(true)
  const { count, p50, p99, worstClientP99 } = lateness!
  const [cpuUs, cpuUsWithAll] = [0, 1].map((at) => ((after[at]! - before[at]!) * 1000) / count) as [number, number]
  return { perSecond: (count / elapsedMs) * 1000, p50, p99, worstClientP99, faults, cpuUs, cpuUsWithAll }
}
