import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder } from '../folders/cache-folder.ts'
import { installOnce } from '../folders/install-once.ts'
import type { NatsProgram } from './nats-program.ts'
import { compareVersions, isNewEnough, natsVersion } from './nats-version.ts'

// <cache>/nats/<version>/nats-server
const natsFolder = (cache: string) => join(cache, 'nats')

/** Every usable nats-server that was fetched before, oldest first. */
export async function allNatsInCache(cache = cacheFolder()): Promise<NatsProgram[]> {
  const versions = foldersIn(natsFolder(cache)).filter((name) => /^\d+\.\d+\.\d+[^.]*$/.test(name) && isNewEnough(name))
  const programs = versions.toSorted(compareVersions).map(async (version): Promise<NatsProgram | undefined> => {
    const binary = join(natsFolder(cache), version, 'nats-server')
    return (await natsVersion(binary)) === version
      ? { kind: 'binary', binary, version, origin: 'in the cache' }
      : undefined
  })
  return (await Promise.all(programs)).filter((program) => program !== undefined)
}

/** The newest one: a store written by it may be unreadable to an older one. */
export async function natsInCache(cache = cacheFolder()): Promise<NatsProgram | undefined> {
  return (await allNatsInCache(cache)).at(-1)
}

/** Keeps a program for the next time. `fill` puts `nats-server` into the folder it is given. */
export async function keepNatsInCache(
  version: string,
  origin: string,
  fill: (incoming: string) => void | Promise<void>,
  cache = cacheFolder(),
): Promise<NatsProgram> {
  const folder = await installOnce(join(natsFolder(cache), version), fill)
  return { kind: 'binary', binary: join(folder, 'nats-server'), version, origin }
}

function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
