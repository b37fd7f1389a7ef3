import { join } from 'node:path'
import type { ServersFolder } from '../folders/servers-folder.ts'
import { findNats } from '../nats/find-nats.ts'
import { moveIntoAccount } from '../nats/into-account.ts'
import { logStreams, natsAccounts, type NatsPasswords } from '../nats/nats-accounts.ts'
import { startNatsProcess } from '../nats/nats-process.ts'
import { OPERATOR, READER, SERVICES } from '../nats/nats-table.ts'
import { sharedNatsConfig } from '../nats/shared-nats-config.ts'
import { onAFreePort } from '../on-a-free-port.ts'
import type { LaunchContext } from './launch-context.ts'
import { explainFullDisk } from './data-folder.ts'

/** On this machine everybody may be everybody. A service, and a program that reads the log, is kept from mistakes. */
const passwords = Object.fromEntries([...SERVICES, OPERATOR, READER].map((user) => [user, user])) as NatsPasswords

/** Finds a nats-server and keeps it running, on the same port from its first start on. */
export async function startOwnNats(
  context: LaunchContext,
  { path, user }: ServersFolder,
): Promise<{ url: string; urlOf: (user: string) => string; port: number }> {
  const { output, reaper } = context
  const since = performance.now()
  const program = await findNats(output.say)
  const log = context.serverLog('nats')
  let known: number | undefined
  const dataFolder = join(path, 'nats')
  moveIntoAccount(dataFolder)
  const extra = [
    sharedNatsConfig(),
    natsAccounts(logStreams(context.settings.shards), passwords),
    // Whoever names no user is the operator.
    `no_auth_user: ${OPERATOR}`,
  ].join('\n')
  const nats = context.supervise({
    name: 'nats',
    start: async (started, signal) => {
      const { server, port } = await onAFreePort(known, (free) => {
        const config = { name: 'spool', port: free, dataFolder, sync: context.settings.natsSync, extra }
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
  const host = `127.0.0.1:${known}`
  const urlOf = (who: string) => (Object.hasOwn(passwords, who) ? `nats://${who}:${who}@${host}` : `nats://${host}`)
  return { url: `nats://${host}`, urlOf, port: known! }
}
