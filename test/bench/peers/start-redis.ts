import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Child, freePort, Reaper } from '@spool/dev'
import { CannotMeasure } from '../measuring.ts'
import { findRedis } from './find-redis.ts'

export interface RunningRedis {
  url: string
  /** Of one that was started here. */
  pids: readonly number[]
  stop(): Promise<void>
}

/** On a free port, its data in a folder of its own, else as it is without a configuration: snapshots, no log of appends. */
export async function startRedis(): Promise<RunningRedis> {
  const found = await findRedis()
  if ('missing' in found) throw new CannotMeasure(found.missing)
  if ('url' in found) return { url: found.url, pids: [], stop: async () => undefined }
  const folder = mkdtempSync(join(tmpdir(), 'spool-bench-redis-'))
  const port = await freePort()
  const ready = Promise.withResolvers<void>()
  const child = await Child.start({
    command: found.binary,
    args: ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
    env: { ...process.env, LD_LIBRARY_PATH: found.libraries ?? '' },
    reaper: new Reaper(folder),
    onLine: (line) => {
      if (line.includes('Ready to accept connections')) ready.resolve()
    },
  })
  void child.exited.then(() => ready.reject(new Error(`redis-server ended.\n${child.lastLines}`)))
  await ready.promise
  return {
    url: `redis://127.0.0.1:${port}`,
    pids: [child.pid],
    async stop() {
      await child.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
