import { rmSync, writeFileSync } from 'node:fs'
import type { UnprivilegedUser } from '../folders/unprivileged-user.ts'
import { reachableProgram } from '../folders/reachable-program.ts'
import { bareEnvironment } from '../processes/bare-environment.ts'
import { Child } from '../processes/child.ts'
import type { Reaper } from '../processes/reaper.ts'
import { waitForLine } from '../processes/wait-for-line.ts'
import { natsConfig, type NatsConfig } from './nats-config.ts'
import { natsInContainer } from './nats-in-container.ts'
import type { NatsProgram } from './nats-program.ts'

export interface NatsProcessOptions {
  program: NatsProgram
  config: NatsConfig
  /** Where the configuration is written; not in the data folder, which is the server's own. */
  configFile: string
  user?: UnprivilegedUser | undefined
  reaper?: Reaper | undefined
  onLine?: ((line: string) => void) | undefined
  /** Called as soon as there is a process, before it can be used. */
  started?: (child: Child) => void
  /** Ends a start that is under way. */
  signal?: AbortSignal
}

/** Starts a nats-server and resolves when it accepts connections. */
export async function startNatsProcess(options: NatsProcessOptions): Promise<Child> {
  const { program, config, configFile, user, reaper, onLine, started, signal } = options
  // Made anew, never written through: the folder may belong to the server's user, who could have put a link there.
  rmSync(configFile, { force: true })
  writeFileSync(configFile, natsConfig(config), { mode: 0o644, flag: 'wx' })
  const command =
    program.kind === 'docker'
      ? natsInContainer(program.image, config, configFile, user)
      : {
          command: await reachableProgram(program.binary, user),
          args: ['-c', configFile],
          env: bareEnvironment(),
          user,
        }
  const child = await Child.start({ ...command, reaper, onLine })
  started?.(child)
  await waitForLine('nats-server', child, /Server is ready/, { signal })
  return child
}
