import { ensureKey } from '../admitting/keys.ts'
import { Bus } from '../connecting/bus.ts'
import { assertReplicates } from '../connecting/server-version.ts'
import { maxBytesOf } from '../restoring/epoch.ts'
import { provision } from './provision.ts'
import { DEFAULT_SETTINGS, logStreams } from './stream-settings.ts'

const { env } = process

/** `node provision-main.js`: prepares NATS for Spool, then exits. */
async function main(): Promise<void> {
  const settings = {
    shards: count('SPOOL_SHARDS', DEFAULT_SETTINGS.shards),
    replicas: count('SPOOL_REPLICAS', DEFAULT_SETTINGS.replicas),
    logMaxBytes: count('SPOOL_LOG_MAX_BYTES', DEFAULT_SETTINGS.logMaxBytes),
  }
  const bus = await Bus.connect({ servers: env['NATS_URL'] || 'nats://127.0.0.1:4222', name: 'provisioner' })
  try {
    // Of the node that answered; what the others run only they can say.
    assertReplicates(bus.version, settings.replicas)
    await provision(bus, settings)
    if (env['SPOOL_LOG_MAX_BYTES']) await tellOfKeptLimits(bus, settings)
    if (env['SPOOL_DEV_KEY']) await ensureKey(bus, env['SPOOL_DEV_KEY'], 'default', 'development')
  } finally {
    await bus.close()
  }
}

/** Whoever asks for a smaller one shall not believe to have it. */
async function tellOfKeptLimits(bus: Bus, settings: { shards: number; logMaxBytes: number }): Promise<void> {
  for (const { name } of logStreams({ ...DEFAULT_SETTINGS, ...settings })) {
    const { config } = await bus.jsm.streams.info(name)
    const kept = maxBytesOf(config)
    if (kept !== null && kept <= settings.logMaxBytes) continue
    const limit = kept === null ? 'has no limit and keeps none' : `keeps its limit of ${kept} bytes`
    process.stderr.write(
      `Stream ${name} ${limit}: SPOOL_LOG_MAX_BYTES is ${settings.logMaxBytes}, and a limit is only ever raised.\n`,
    )
  }
}

function count(name: string, fallback: number): number {
  const value = Number(env[name] || fallback)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`${name} must be a whole number above 0.`)
  return value
}

try {
  await main()
} catch (error) {
  process.stderr.write(`Cannot prepare NATS: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
