import { type Say, sayNothing } from '../say.ts'
import { natsFromArchive } from './nats-from-archive.ts'
import { natsFromDebianPackage } from './nats-from-debian-package.ts'
import { natsFromDocker } from './nats-from-docker.ts'
import { natsInCache } from './nats-in-cache.ts'
import { NatsNotFound } from './nats-not-found.ts'
import { natsOnPath } from './nats-on-path.ts'
import type { NatsProgram } from './nats-program.ts'

export type NatsSource = (say: Say) => Promise<NatsProgram | undefined>

/** From what is here already to what has to be fetched; the first that has one wins. */
const sources: readonly NatsSource[] = [
  (say) => natsOnPath(say),
  () => natsInCache(),
  (say) => natsFromArchive(say),
  natsFromDebianPackage,
  natsFromDocker,
]

export async function findNats(say: Say = sayNothing, from: readonly NatsSource[] = sources): Promise<NatsProgram> {
  for (const source of from) {
    const program = await source(say)
    if (program) return program
  }
  throw new NatsNotFound()
}
