import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { measureStreams, type StreamsAsked } from '../measure-streams.ts'
import { ServerProcess } from '../server-process.ts'
import type { StreamSystem } from '../stream-system.ts'

export type Store = 'memory' | 'files'
/** How tokens are appended: as they are made, or gathered for so many milliseconds by its `IdempotentProducer`. */
type Writes = 'append' | { lingerMs: number }

/** Its client's plain appends, its producer as it is by default, and one that makes few requests. */
const WAYS: readonly Writes[] = ['append', { lingerMs: 5 }, { lingerMs: 100 }]

/**
 * `@durable-streams/server`, and a Node process that makes the tokens and appends them with `@durable-streams/client`, in
 * the way that has the lowest p99 under this load on this machine: at little load that is another one than at much.
 */
export async function startDurableStreams(store: Store, load: StreamsAsked, quick: boolean): Promise<StreamSystem> {
  if (quick) return startWriting(store, WAYS[0]!)
  const key = `${store} ${load.streams}`
  const writes = known.get(key) ?? (await bestWay(store, load))
  known.set(key, writes)
  return startWriting(store, writes)
}

/** Each of them, where they are to be compared under a load that is not known beforehand. */
export const waysOfDurableStreams = (store: Store): (() => Promise<StreamSystem>)[] =>
  WAYS.map((writes) => () => startWriting(store, writes))

const known = new Map<string, Writes>()

async function bestWay(store: Store, load: StreamsAsked): Promise<Writes> {
  let best = WAYS[0]!
  let leastMs = Infinity
  for (const writes of WAYS) {
    const system = await startWriting(store, writes)
    try {
      const { p99, ended } = await measureStreams(system, { ...load, resumed: false, seconds: 2 })
      process.stderr.write(`${system.name}, ${system.set}, ${load.streams} live: p99 ${p99.toFixed(1)} ms\n`)
      if (!ended || p99 >= leastMs) continue
      best = writes
      leastMs = p99
    } finally {
      await system.stop()
    }
  }
  return best
}

async function startWriting(store: Store, writes: Writes): Promise<StreamSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'spool-bench-streams-'))
  const server = await ServerProcess.start(new URL('durable-streams-server.ts', import.meta.url), {
    ...(store === 'files' && { FOLDER: folder }),
  })
  const producer = await ServerProcess.start(new URL('durable-streams-producer.ts', import.meta.url), {
    SERVER: server.url,
    ...(writes === 'append' ? { WRITES: 'append' } : { WRITES: 'producer', LINGER_MS: String(writes.lingerMs) }),
  })
  return {
    name: `durable-streams ${store === 'memory' ? 'in memory' : 'on files'}`,
    set: writes === 'append' ? 'appended as made' : `gathered for ${writes.lingerMs} ms`,
    target: { wire: 'durable-streams', urls: [producer.url], key: '' },
    processes: { server: [server.pid], producer: [producer.pid] },
    async stop() {
      await producer.kill()
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
