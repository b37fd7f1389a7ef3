import { startSpool } from '@spool/testing'
import type { Sync } from './figure.ts'
import type { StreamSystem } from './stream-system.ts'

const SERVICES = ['gateway', 'agent-orchestrator', 'llm-proxy', 'persistence'] as const

/** A proxy takes 500 at once by itself, and the others in this bench have no limit of theirs. */
const GENERATIONS = '10000'

/** All of Spool as `npm start` runs it, one of each, its data on the disk. */
export async function startSpoolSystem(sync: Sync): Promise<StreamSystem> {
  const spool = await startSpool({ env: { SPOOL_NATS_SYNC: sync, SPOOL_GENERATIONS: GENERATIONS } })
  const pids = [...SERVICES, 'nats', 'postgres'].map((name) => [name, [spool.pidOf(name)]])
  return {
    name: 'spool',
    target: { wire: 'spool', urls: spool.urls, key: spool.key },
    processes: Object.fromEntries(pids) as Record<string, readonly number[]>,
    stop: () => spool.stop(),
  }
}
