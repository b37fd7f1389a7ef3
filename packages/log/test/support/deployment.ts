import { onTestFinished } from 'vitest'
import { Bus, type DeploymentSettings, Log, provision } from '../../src/index.ts'
import { MemoryArchive } from './memory-archive.ts'

export type OnTestFinished = (clean: () => void | Promise<void>) => void

/** For tests: an ack that is lost is given up soon. */
const ACK_TIMEOUT_MS = 500

/** Connects for the time of one test. A concurrent test has to say which one that is. */
export async function connected(url: string, onFinished: OnTestFinished = onTestFinished): Promise<Bus> {
  const bus = await Bus.connect({ servers: url, name: 'test', ackTimeoutMs: ACK_TIMEOUT_MS })
  onFinished(() => bus.close())
  return bus
}

/** One process of Spool, as far as the log is concerned. */
export async function openLog(url: string, archive = new MemoryArchive(), shards = 1): Promise<Log> {
  return Log.open(await connected(url), archive, shards)
}

export async function provisioned(url: string, settings: Partial<DeploymentSettings> = {}): Promise<void> {
  const bus = await Bus.connect({ servers: url, name: 'provisioner' })
  try {
    await provision(bus, { logMaxBytes: 512 * 1024 ** 2, ...settings })
  } finally {
    await bus.close()
  }
}
