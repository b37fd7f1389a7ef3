// Writes accounts.conf: npm run build && node infra/nats/write-accounts.mjs [shards]
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { shippedAccounts } from '../dev/dist/nats/shipped-accounts.js'

const shards = Number(process.argv[2] ?? 8)
writeFileSync(join(import.meta.dirname, 'accounts.conf'), shippedAccounts(shards))
