import { Bus } from '../connecting/bus.ts'
import { grantKey, provision } from './provision.ts'
import { DEFAULT_SETTINGS } from './stream-settings.ts'

/** `node provision-main.js`: prepares NATS for Spool, then exits. */
const env = process.env
const bus = await Bus.connect({ servers: env['NATS_URL'] ?? 'nats://127.0.0.1:4222', name: 'provisioner' })
try {
  await provision(bus, {
    shards: Number(env['SPOOL_SHARDS'] || DEFAULT_SETTINGS.shards),
    replicas: Number(env['SPOOL_REPLICAS'] || DEFAULT_SETTINGS.replicas),
    logMaxBytes: Number(env['SPOOL_LOG_MAX_BYTES'] || DEFAULT_SETTINGS.logMaxBytes),
  })
  if (env['SPOOL_DEV_KEY']) await grantKey(bus, env['SPOOL_DEV_KEY'], 'default', 'development')
} catch (error) {
  process.stderr.write(`Cannot prepare NATS: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
} finally {
  await bus.close()
}
