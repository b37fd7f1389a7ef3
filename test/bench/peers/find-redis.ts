import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { cacheFolder, installOnce } from '@spool/dev'

const run = promisify(execFile)

/** A redis-server that can be started, or the address of one that runs. */
export type FoundRedis = { binary: string; libraries?: string; version: string } | { url: string } | { missing: string }

/** On PATH, else REDIS_URL, else a package of this machine's own distribution, in a folder of ours. */
export async function findRedis(): Promise<FoundRedis> {
  const onPath = await versionOf('redis-server')
  if (onPath !== undefined) return { binary: 'redis-server', version: onPath }
  const { REDIS_URL: url } = process.env
  if (url !== undefined) return { url }
  const folder = await fromDistribution().catch(() => undefined)
  if (folder !== undefined) {
    const binary = join(folder, 'usr/bin/redis-server')
    const libraries = librariesIn(folder)
    const version = await versionOf(binary, libraries)
    if (version !== undefined) return { binary, libraries, version }
  }
  return {
    missing:
      'there is no redis-server here: none on PATH, no REDIS_URL, and apt-get has none. Install one (apt-get install ' +
      'redis-server, brew install redis, …), or set REDIS_URL',
  }
}

async function versionOf(binary: string, libraries?: string): Promise<string | undefined> {
  const env = { ...process.env, ...(libraries !== undefined && { LD_LIBRARY_PATH: libraries }) }
  const found = await run(binary, ['--version'], { env }).catch(() => undefined)
  return found && /v=(\S+)/.exec(found.stdout)?.[1]
}

/** Fetched by apt-get and unpacked, so without being root; nothing is installed, and no service is started. */
function fromDistribution(): Promise<string> {
  return installOnce(join(cacheFolder(), 'redis'), async (incoming) => {
    const simulated = await run('apt-get', ['-s', '-qq', 'install', '--no-install-recommends', 'redis-server'])
    // With what it needs and this machine has not.
    const names = [...simulated.stdout.matchAll(/^Inst (\S+)/gm)].map(([, name]) => name!)
    await run('apt-get', ['-qq', 'download', ...names], { cwd: incoming })
    for (const file of readdirSync(incoming).filter((name) => name.endsWith('.deb'))) {
      await run('dpkg-deb', ['-x', file, '.'], { cwd: incoming })
    }
    if (!existsSync(join(incoming, 'usr/bin/redis-server'))) throw new Error('no redis-server in the package')
  })
}

function librariesIn(folder: string): string {
  const found = ['lib', 'usr/lib'].map((place) => join(folder, place)).filter((place) => existsSync(place))
  const below = found.flatMap((place) => readdirSync(place).map((name) => join(place, name)))
  return [...found, ...below].join(':')
}
