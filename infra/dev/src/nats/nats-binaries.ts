import { sayNothing } from '../say.ts'
import { findNats } from './find-nats.ts'
import { natsFromSuite } from './nats-from-debian-package.ts'
import { allNatsInCache } from './nats-in-cache.ts'
import { natsOnPath } from './nats-on-path.ts'
import type { NatsProgram } from './nats-program.ts'
import { compareVersions } from './nats-version.ts'

/** The oldest and the newest server at hand, for tests that must hold on both. The same one twice where there is one. */
export async function natsBinaries(): Promise<{ oldest: string; newest: string }> {
  let programs = await atHand()
  if (programs.length < 2) {
    await Promise.all(['trixie', 'sid'].map((suite) => natsFromSuite(suite, sayNothing)))
    programs = await atHand()
  }
  if (programs.length === 0) programs = [await findNats()]
  const binaries = programs
    .toSorted((a, b) => compareVersions(a.version, b.version))
    .flatMap((program) => (program.kind === 'binary' ? [program.binary] : []))
  const [oldest, newest] = [binaries[0], binaries.at(-1)]
  if (oldest === undefined || newest === undefined)
    throw new Error('nats-server is only here as a Docker image; there is no binary to run.')
  return { oldest, newest }
}

async function atHand(): Promise<NatsProgram[]> {
  const [onPath, inCache] = await Promise.all([natsOnPath(sayNothing), allNatsInCache()])
  return onPath ? [onPath, ...inCache.filter(({ version }) => version !== onPath.version)] : inCache
}
