import { availableParallelism } from 'node:os'
import { ServerProcess } from '../server-process.ts'
import type { StreamSystem } from '../stream-system.ts'
import { startRedis } from './start-redis.ts'

/**
 * `resumable-stream` in Node servers, which make the tokens as well, on a Redis of their own. One for each core, as Node's
 * servers are run: it is made for many.
 */
export async function startResumableStream(): Promise<StreamSystem> {
  const redis = await startRedis()
  const file = new URL('resumable-stream-server.ts', import.meta.url)
  const servers = await Promise.all(
    Array.from({ length: availableParallelism() }, () => ServerProcess.start(file, { REDIS_URL: redis.url })),
  )
  return {
    name: 'resumable-stream on Redis',
    target: { wire: 'resumable-stream', urls: servers.map(({ url }) => url), key: '' },
    processes: { servers: servers.map(({ pid }) => pid), redis: redis.pids },
    async stop() {
      await Promise.all(servers.map((server) => server.kill()))
      await redis.stop()
    },
  }
}
