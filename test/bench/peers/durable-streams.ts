import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ServerProcess } from '../server-process.ts'
import type { StreamSystem } from '../stream-system.ts'

export interface DurableStreamsSetting {
  store: 'memory' | 'files'
  /** How tokens are appended: as made, or gathered for so many milliseconds by its `IdempotentProducer`. */
  writes: 'append' | { lingerMs: number }
}

/** `@durable-streams/server`, and a Node process that makes the tokens and appends them with `@durable-streams/client`. */
export async function startDurableStreams({ store, writes }: DurableStreamsSetting): Promise<StreamSystem> {
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
    target: { wire: 'durable-streams', url: producer.url, key: '' },
    processes: { server: [server.pid], producer: [producer.pid] },
    async stop() {
      await producer.kill()
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
