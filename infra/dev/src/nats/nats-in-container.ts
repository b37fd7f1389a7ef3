import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'
import type { NatsConfig } from './nats-config.ts'

/** The same server out of the official image: same port, same data folder, and it ends with its `docker` client. */
export function natsInContainer(
  image: string,
  { port, dataFolder, host = '127.0.0.1' }: NatsConfig,
  configFile: string,
  user: UnprivilegedUser | undefined,
): { command: string; args: string[] } {
  const owner = user ?? { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }
  const name = `spool-nats-${port}`
  const run = [
    'run',
    '--rm',
    `--name=${name}`,
    `--user=${owner.uid}:${owner.gid}`,
    `--publish=${host}:${port}:${port}`,
    `--volume=${dataFolder}:${dataFolder}`,
    `--volume=${configFile}:${configFile}:ro`,
    image,
    '-c',
    configFile,
    '--addr=0.0.0.0',
  ]
  // A client that was killed leaves its container behind, holding the port and the name.
  return {
    command: '/bin/sh',
    args: ['-c', `docker rm --force ${name} >/dev/null 2>&1; exec docker "$@"`, 'docker', ...run],
  }
}
