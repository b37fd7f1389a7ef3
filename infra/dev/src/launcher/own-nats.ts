import { join } from 'node:path'
import type { ServersFolder } from '../folders/servers-folder.ts'
import { findNats } from '../nats/find-nats.ts'
import { startNatsProcess } from '../nats/nats-process.ts'
import { sharedNatsConfig } from '../nats/shared-nats-config.ts'
import { onAFreePort } from '../on-a-free-port.ts'
import type { LaunchContext } from './launch-context.ts'
import { explainFullDisk } from './data-folder.ts'

/** Finds a nats-server and keeps it running, on the same port from its first start on. */
export async function startOwnNats(
  context: LaunchContext,
  { path, user }: ServersFolder,
): Promise<{ url: string; port: number }> {
  const { output, reaper } = context
  const since = performance.now()
  const program = await findNats(output.say)
  const log = context.serverLog('nats')
  let known: number | undefined
  const nats = context.supervise({
    name: 'nats',
    start: async (started, signal) => {
      const { server, port } = await onAFreePort(known, (free) => {
        const config = { name: 'spool', port: free, dataFolder: join(path, 'nats'), extra: sharedNatsConfig() }
        const configFile = join(path, 'nats.conf')
        return startNatsProcess({ program, config, configFile, user, reaper, onLine: log.write, started, signal })
      })
      known = port
      return server
    },
  })
  await nats.start().catch((error) => {
    throw explainFullDisk(error, path)
  })
  output.done(`NATS ${program.version} ${program.origin}`, performance.now() - since)
  return { url: `nats://127.0.0.1:${known}`, port: known! }
}
