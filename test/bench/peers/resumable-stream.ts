import { ServerProcess } from '../server-process.ts'
import type { StreamSystem } from '../stream-system.ts'
import { startRedis } from './start-redis.ts'

/** `resumable-stream` in a Node server, which makes the tokens as well, on a Redis of its own. */
export async function startResumableStream(): Promise<StreamSystem> {
  const redis = await startRedis()
  const server = await ServerProcess.start(new URL('resumable-stream-server.ts', import.meta.url), {
    REDIS_URL: redis.url,
  })
  return {
    name: 'resumable-stream on Redis',
    target: { wire: 'resumable-stream', url: server.url, key: '' },
    processes: { server: [server.pid], redis: redis.pids },
    async stop() {
      await server.kill()
      await redis.stop()
    },
  }
}
