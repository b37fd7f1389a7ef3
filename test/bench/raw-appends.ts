import { Bus, provision } from '@spool/log'
import { startNats } from '@spool/testing'
import { logStreams, natsAccounts, type NatsPasswords } from '../../infra/dev/src/nats/nats-accounts.ts'
import { OPERATOR, READER, SERVICES } from '../../infra/dev/src/nats/nats-table.ts'
import { append } from './appending.ts'
import type { Sync } from './figure.ts'

const SESSIONS = 500
const passwords = Object.fromEntries([...SERVICES, OPERATOR, READER].map((user) => [user, user])) as NatsPasswords

/**
 * Appends per second of a nats-server alone, each to the chain of its session: one writer for each, as one proxy has
 * them, and nobody who reads. With accounts the writers are in another one than the log, as they are in Spool.
 */
export async function measureRawAppends(sync: Sync, withAccounts: boolean, quick: boolean): Promise<number> {
  const config = withAccounts ? `${natsAccounts(logStreams(1), passwords)}\nno_auth_user: ${OPERATOR}` : ''
  const nats = await startNats({ sync, config, maxPayload: 1024 ** 2 })
  try {
    const bus = await Bus.connect({ servers: nats.url, name: 'bench' })
    await provision(bus, { logMaxBytes: 4 * 1024 ** 3 })
    await bus.close()
    const user = withAccounts ? 'llm-proxy:llm-proxy@' : ''
    const natsUrl = nats.url.replace('nats://', `nats://${user}`)
    const asFastAsItGoes = { natsUrl, perSecond: 0, tokensPerEvent: 1, sessions: SESSIONS }
    await append({ ...asFastAsItGoes, events: quick ? 2_000 : 20_000 })
    const { events, seconds } = await append({
      ...asFastAsItGoes,
      events: quick ? 10_000 : sync === 'always' ? 30_000 : 200_000,
    })
    return events / seconds
  } finally {
    await nats.stop()
  }
}
