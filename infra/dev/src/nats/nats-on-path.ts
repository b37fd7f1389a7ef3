import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { NatsProgram } from './nats-program.ts'
import { isNewEnough, natsVersion, oldestNatsVersion } from './nats-version.ts'
import type { Say } from '../say.ts'

/** The first nats-server on PATH that is new enough. */
export async function natsOnPath(say: Say, env: NodeJS.ProcessEnv = process.env): Promise<NatsProgram | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue
    const binary = join(folder, 'nats-server')
    if (!isExecutable(binary)) continue
    const version = await natsVersion(binary)
    if (version !== undefined && isNewEnough(version)) return { kind: 'binary', binary, version, origin: 'on PATH' }
    say(`${binary} is ${version ?? 'not usable'}; Spool needs ${oldestNatsVersion} or newer`)
  }
  return undefined
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
