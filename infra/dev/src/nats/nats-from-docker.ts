import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Say } from '../say.ts'
import { pinnedNatsArchive } from './nats-from-archive.ts'
import type { NatsProgram } from './nats-program.ts'

const run = promisify(execFile)

/** The official image, where a Docker engine answers and has the image or can fetch it. */
export async function natsFromDocker(say: Say): Promise<NatsProgram | undefined> {
  const image = `nats:${pinnedNatsArchive.version}`
  try {
    await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 5_000 })
    const present = await run('docker', ['image', 'inspect', image]).then(
      () => true,
      () => false,
    )
    if (!present) {
      say(`pulling the Docker image ${image}`)
      await run('docker', ['pull', '--quiet', image], { timeout: 120_000 })
    }
    return { kind: 'docker', image, version: pinnedNatsArchive.version, origin: 'in Docker' }
  } catch {
    return undefined
  }
}
