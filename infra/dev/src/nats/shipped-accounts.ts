import { logStreams, natsAccounts, type NatsPasswords } from './nats-accounts.ts'
import { OPERATOR, type Party, READER, SERVICES } from './nats-table.ts'

const head = `# Written by infra/nats/write-accounts.mjs from infra/dev/src/nats/nats-table.ts: change that, not this.
#
# Who may connect, and what for. Each service has a user, and an account of its own that has from the others what the
# service needs and nothing else. \`spool\` is the operator: the provisioner and the command line, and it may do everything.
# \`reader\` is for other programs: it can follow the log, and change nothing (docs/log.md). Why accounts:
# docs/decisions/0036-accounts.md.
#
# The passwords are taken from the environment of the server, which does not start without them. Make them of letters and
# digits, and not of digits alone. All services may also be \`spool\`: that is simpler, and then each may do everything.
#
# The streams lie in the account SPOOL. Those of a server that had no accounts before lie in \`$G\`: while the server is
# stopped, move them: mv '/data/jetstream/$G' /data/jetstream/SPOOL
#
# Covers deployments of 1 to 8 shards (SPOOL_SHARDS); for more, write it anew with their number as an argument.

`

/** In the environment of the server. */
export const passwordVariable = (user: Party): string =>
  user === OPERATOR ? 'SPOOL_NATS_PASSWORD' : `SPOOL_NATS_${user.toUpperCase().replaceAll('-', '_')}_PASSWORD`

/** The text of `infra/nats/accounts.conf`: of one shard, and of several. */
export function shippedAccounts(shards = 8): string {
  const users: readonly Party[] = [...SERVICES, OPERATOR, READER]
  const passwords = Object.fromEntries(users.map((user) => [user, `$${passwordVariable(user)}`])) as NatsPasswords
  return head + natsAccounts([...logStreams(1), ...logStreams(shards)], passwords)
}
